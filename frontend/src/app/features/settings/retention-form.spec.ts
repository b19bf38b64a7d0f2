import { describe, expect, it } from 'vitest';
import { formOf, retentionOf, type OwnRetention } from './retention-form';

const DAY_MS = 86_400_000;

describe(formOf.name, () => {
  it('shows what a stream has for itself in the largest unit that fits, and what it has not as usual', () => {
    const form = formOf({
      maxAgeMs: 7 * DAY_MS,
      eventMaxAgeMs: null,
      maxSizeBytes: 1_500_000_000,
      eventMarginMs: 2_500,
      events: ['logo *', '!x'],
    });
    expect(form.maxAge).toEqual({ kind: 'limit', count: '7', unit: 'days' });
    expect(form.eventMaxAge.kind).toBe('ever');
    expect(form.resultsMaxAge.kind).toBe('usual');
    expect(form.maxSize).toEqual({ kind: 'limit', count: '1.5' });
    expect([form.eventMarginSeconds, form.events]).toEqual(['2.5', 'logo *, !x']);
    expect(formOf({ maxAgeMs: 90 * 60_000 }).maxAge).toEqual({ kind: 'limit', count: '90', unit: 'minutes' });
  });
});

describe(retentionOf.name, () => {
  it.each([
    {},
    { maxAgeMs: null, maxSizeBytes: null },
    {
      maxAgeMs: 36 * 3_600_000,
      maxSizeBytes: 20_000_000_000,
      eventMaxAgeMs: 30 * DAY_MS,
      eventMarginMs: 5_000,
      events: ['a', 'b'],
      resultsMaxAgeMs: null,
    },
  ] as OwnRetention[])('gives back what was shown: %j', (own) => {
    expect(retentionOf(formOf(own))).toEqual({ own });
  });

  it('takes a comma for a point, and says which fields hold no number', () => {
    const form = formOf({ maxAgeMs: DAY_MS, maxSizeBytes: 1_000_000_000 });
    expect(retentionOf({ ...form, maxAge: { ...form.maxAge, count: '1,5' } })).toEqual({
      own: { maxAgeMs: 1.5 * DAY_MS, maxSizeBytes: 1_000_000_000 },
    });
    for (const count of ['', ' ', 'many', '-1', '0'])
      expect(retentionOf({ ...form, maxAge: { ...form.maxAge, count }, eventMarginSeconds: 'x' })).toEqual({
        faults: ['maxAge', 'eventMarginSeconds'],
      });
  });
});
