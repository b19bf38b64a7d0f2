import { describe, expect, it } from 'vitest';
import { askOf, besideOf, isRelative, paramsOf, spanOf } from './exposure-ask';

const NOW_MS = Date.parse('2026-11-28T10:00:00.000Z');
const HOUR_MS = 3_600_000;

describe('the address of exposures', () => {
  it('is short where everything is as it is at first', () => {
    expect(askOf({})).toEqual({ streams: [], show: null, range: '24h', against: 'nothing', brand: null });
    expect(Object.values(paramsOf(askOf({}))).filter((value) => value !== null)).toEqual([]);
  });

  it.each([
    { streams: 'arena,lobby', range: '7d', against: 'before', brand: 'Acme & Sons' },
    { streams: 'arena', show: 'e1', against: 'show:e2' },
    { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z', against: 'week' },
  ])('says all of it, and means the same when it is read: %j', (params) => {
    const written = Object.fromEntries(Object.entries(paramsOf(askOf(params))).filter(([, value]) => value !== null));
    expect(written).toEqual(params);
  });

  it.each([
    { range: '1y' },
    { from: 'yesterday', to: '2026-11-02T00:00:00.000Z' },
    { from: '2026-11-02T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
    { from: '2026-01-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
    { against: 'everything' },
    { against: 'show:' },
    { show: 'e1' },
    { streams: ',,' },
  ])('takes nothing from what makes no sense: %j', (params) => {
    expect(askOf(params)).toEqual(askOf({}));
  });
});

describe(spanOf.name, () => {
  it('goes with the time, or stays', () => {
    expect(spanOf({ range: '1h' }, undefined, NOW_MS)).toEqual({ fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS });
    expect(spanOf({ range: { fromMs: 1, toMs: 2 } }, undefined, NOW_MS)).toEqual({ fromMs: 1, toMs: 2 });
    expect([isRelative({ range: '1h', show: null }), isRelative({ range: '1h', show: 'e1' })]).toEqual([true, false]);
  });

  it('is that of the show, which may go on', () => {
    const show = { id: 'e1', startedAt: '2026-11-28T08:00:00.000Z', endedAt: '2026-11-28T09:00:00.000Z' };
    expect(spanOf({ range: '24h' }, show, NOW_MS)).toEqual({ fromMs: NOW_MS - 2 * HOUR_MS - 1_000, toMs: NOW_MS - HOUR_MS + 1_000 });
    expect(spanOf({ range: '24h' }, { ...show, endedAt: null }, NOW_MS).toMs).toBe(NOW_MS);
  });
});

describe(besideOf.name, () => {
  const span = { fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS };
  it('is what came before, as long as it, or the same a week earlier, or nothing', () => {
    expect(besideOf({ against: 'before' }, span, undefined, NOW_MS)).toEqual({ fromMs: NOW_MS - 4 * HOUR_MS, toMs: NOW_MS - 2 * HOUR_MS });
    expect(besideOf({ against: 'week' }, span, undefined, NOW_MS)?.toMs).toBe(NOW_MS - 7 * 24 * HOUR_MS);
    expect(besideOf({ against: 'nothing' }, span, undefined, NOW_MS)).toBeNull();
  });

  it('is another show, once that is known', () => {
    const other = { id: 'e2', startedAt: '2026-11-28T08:00:00.000Z', endedAt: null };
    expect(besideOf({ against: 'show:e2' }, span, other, NOW_MS)?.toMs).toBe(NOW_MS);
    expect(besideOf({ against: 'show:e2' }, span, undefined, NOW_MS)).toBeNull();
  });
});
