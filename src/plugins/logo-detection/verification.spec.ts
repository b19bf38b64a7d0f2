import { describe, expect, it } from 'vitest';
import { priorOf, scoreOf } from './verification.js';

const evidence = { net: 0.85, headOn: 0.8, correlation: 0.9, drift: 0.1, parts: 4 };

describe(scoreOf.name, () => {
  it('is sure of what network and look head on agree upon, and not of either alone', () => {
    expect(scoreOf(evidence)).toBeGreaterThan(0.9);
    expect(scoreOf({ ...evidence, net: 0.45 })).toBeLessThan(0.5);
    expect(scoreOf({ ...evidence, headOn: 0.1 })).toBeLessThan(0.5);
  });
});

describe(priorOf.name, () => {
  it('takes nothing from a find in a small gallery, and more the larger it is', () => {
    expect(Math.abs(priorOf(24))).toBe(0);
    expect(priorOf(600)).toBeLessThan(priorOf(120));
    expect(scoreOf(evidence, priorOf(600))).toBeLessThan(scoreOf(evidence));
  });
});
