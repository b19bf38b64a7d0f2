import { describe, expect, it } from 'vitest';
import type { EpochWire } from '../../wire/wire.js';
import { clockRange, timelineRange } from './timeline-range.js';

const DAY_MS = 86_400_000;
const now = Date.parse('2026-05-01T00:00:00Z');
const epoch = { startedAt: '2026-04-01T00:00:00.000Z', ptsOriginUs: 1_000_000 } as EpochWire;
const range = (query: Parameters<typeof timelineRange>[1] extends infer Q ? Partial<Q> : never, of: EpochWire | null = null) =>
  timelineRange('s', { limit: 10, ...query }, of, 7 * DAY_MS, now);

describe(clockRange.name, () => {
  it('means the last days where nothing is said, unless something else bounds the query', () => {
    expect(clockRange({}, 7 * DAY_MS, now)).toEqual({ fromUs: (now - 7 * DAY_MS) * 1000 });
    expect(clockRange({}, 7 * DAY_MS, now, false)).toEqual({});
  });
});

describe(timelineRange.name, () => {
  it('means the last days when nothing is said', () => {
    expect(range({})).toEqual({ streamId: 's', limit: 10, descending: false, fromUs: (now - 7 * DAY_MS) * 1000 });
  });

  it('narrows the clock by the pts of an epoch, so that only its days are read', () => {
    const { fromUs, toUs, fromPtsUs, toPtsUs } = range({ epochId: 'e', fromPtsUs: 3_000_000, toPtsUs: 5_000_000 }, epoch);
    const startUs = Date.parse(epoch.startedAt) * 1000;
    expect({ fromPtsUs, toPtsUs }).toEqual({ fromPtsUs: 3_000_000, toPtsUs: 5_000_000 });
    expect(fromUs).toBe(startUs + 2_000_000 - 2_000);
    expect(toUs).toBe(startUs + 4_000_000 + 2_000);
  });

  it('takes the narrower of clock and pts', () => {
    const { fromUs } = range({ epochId: 'e', fromPtsUs: 1_000_000, from: '2026-04-01T01:00:00Z', to: '2026-04-01T02:00:00Z' }, epoch);
    expect(fromUs).toBe(Date.parse('2026-04-01T01:00:00Z') * 1000);
  });

  it.each([
    [{ fromPtsUs: 1 }, 'VD_API_INVALID'],
    [{ from: '2026-04-02T00:00:00Z', to: '2026-04-01T00:00:00Z' }, 'VD_API_INVALID'],
    [{ from: '2016-04-02T00:00:00Z', to: '2026-04-01T00:00:00Z' }, 'VD_API_RANGE_TOO_WIDE'],
    [{ from: '2026-01-01T00:00:00Z' }, 'VD_API_RANGE_TOO_WIDE'],
  ])('refuses %j with %s', (query, code) => {
    expect(() => range(query)).toThrow(expect.objectContaining({ code }));
  });
});
