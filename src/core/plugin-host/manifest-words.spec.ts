import { describe, expect, it } from 'vitest';
import type { Plugin } from '../plugin-api/index.js';
import { inTodaysWords } from './manifest-words.js';

const plugin = (parts: object): Plugin => ({ id: 'acme', version: '1.0.0', api: '^1.0.0', ...parts }) as Plugin;

describe('inTodaysWords', () => {
  it('reads `tasks` of analyzers and strategies as what they solve', () => {
    const { analyzers, strategies } = inTodaysWords(
      plugin({ analyzers: [{ id: 'acme.door', tasks: ['door'] }], strategies: [{ id: 'acme.cloud', tasks: ['door', 'logo'] }] }),
    );
    expect(analyzers![0]!.solves).toEqual(['door']);
    expect(strategies![0]!.solves).toEqual(['door', 'logo']);
  });

  it('believes the name of today where both are there', () => {
    const { analyzers } = inTodaysWords(plugin({ analyzers: [{ id: 'acme.door', tasks: ['old'], solves: ['new'] }] }));
    expect(analyzers![0]!.solves).toEqual(['new']);
  });

  it.each([plugin({ analyzers: [{ id: 'acme.door', solves: [] }] }), plugin({ analyzers: 'none' }), plugin({ strategies: [null] }), null])(
    'gives back unchanged what has no former name: %j',
    (given) => {
      expect(inTodaysWords(given as Plugin)).toBe(given);
    },
  );
});
