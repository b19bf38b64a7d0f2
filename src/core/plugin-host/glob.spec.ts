import { describe, expect, it } from 'vitest';
import { canonicalJson, configHash } from './canonical-json.js';
import { matchesGlob } from './glob.js';

describe(matchesGlob.name, () => {
  it.each([
    ['*', '', true],
    ['*', 'studio', true],
    ['studio-*', 'studio-2', true],
    ['studio-*', 'studio', false],
    ['*-main', 'a-main-main', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXc', false],
    ['cam-?', 'cam-1', true],
    ['cam-?', 'cam-12', false],
    ['cam-?', 'cam-', false],
    ['a.c', 'abc', false],
    ['', 'a', false],
  ])('%j on %j: %s', (pattern, name, matches) => expect(matchesGlob(pattern, name)).toBe(matches));

  it('is quick on patterns that defeat backtracking', () => {
    expect(matchesGlob(`${'*a'.repeat(5_000)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});

describe(canonicalJson.name, () => {
  it('is the same for equal values, however they were written', () => {
    expect(canonicalJson({ b: [1, { y: null, x: 'é' }], a: undefined, c: -0 })).toBe('{"b":[1,{"x":"é","y":null}],"c":0}');
    expect(configHash('a', '1', { x: 1, y: 2 })).toBe(configHash('a', '1', { y: 2, x: 1 }));
  });

  const loop: Record<string, unknown> = {};
  loop.self = loop;
  it.each([[{ a: new Date() }], [{ a: () => 1 }], [{ a: [Number.NaN] }], [new Map()], [loop], [1n]])(
    'refuses what JSON cannot carry',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
