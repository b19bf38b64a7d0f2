import { describe, expect, it } from 'vitest';
import { retentionConfig } from '../config/retention-config.js';
import { DAY_MS } from '../plugin-api/index.js';
import { eventFilterOf, limitsOf, longer } from './stream-limits.js';

const config = retentionConfig.parse({});

describe('limitsOf', () => {
  it('takes what the config says, and what the stream has for itself instead', () => {
    expect(limitsOf(config)).toEqual({
      ...{ maxAgeMs: 30 * DAY_MS, maxSizeBytes: null, eventMaxAgeMs: 90 * DAY_MS, eventMarginMs: 10_000, events: ['*'] },
      resultsMaxAgeMs: 90 * DAY_MS,
    });
    expect(limitsOf(config, { maxAgeMs: DAY_MS, maxSizeBytes: 5, events: [] })).toMatchObject({
      maxAgeMs: DAY_MS,
      maxSizeBytes: 5,
      events: [],
    });
  });

  it('keeps what has events, and results, no shorter than the media', () => {
    expect(limitsOf(config, { maxAgeMs: 400 * DAY_MS })).toMatchObject({ eventMaxAgeMs: 400 * DAY_MS, resultsMaxAgeMs: 400 * DAY_MS });
    expect(limitsOf(config, { maxAgeMs: null })).toMatchObject({ maxAgeMs: null, eventMaxAgeMs: null, resultsMaxAgeMs: null });
    expect(limitsOf(config, { eventMaxAgeMs: DAY_MS, resultsMaxAgeMs: DAY_MS })).toMatchObject({
      ...{ eventMaxAgeMs: 30 * DAY_MS, resultsMaxAgeMs: 30 * DAY_MS },
    });
  });
});

describe('longer', () => {
  it('counts for ever as longer than any time', () => {
    expect(longer(1, 3, 2)).toBe(3);
    expect(longer(1, null)).toBeNull();
    expect(longer()).toBe(0);
  });
});

describe('eventFilterOf', () => {
  const matches = (events: string[], name: string): boolean => {
    const { included, excluded } = eventFilterOf({ ...limitsOf(config), events });
    const is = (pattern: string): boolean => new RegExp(pattern).test(name);
    return included.some(is) && !excluded.some(is);
  };
  it('knows names by wildcards, and takes nothing else for one', () => {
    expect(matches(['*'], 'motion')).toBe(true);
    expect(matches(['mot?on'], 'motion')).toBe(true);
    expect(matches(['mot'], 'motion')).toBe(false);
    expect(matches(['m.tion'], 'motion')).toBe(false);
    expect(matches(['a(b'], 'a(b')).toBe(true);
    expect(matches(['*', '!cut'], 'cut')).toBe(false);
    expect(matches(['!cut'], 'motion')).toBe(true);
    expect(matches([], 'motion')).toBe(false);
  });
});
