import { describe, expect, it } from 'vitest';
import type { StreamsExposureWire } from '../../api/models';
import { brandRows, deepest, heatShades, laneShades, mostSeenAt, ticksOf, voiceParts, type BrandExposure } from './exposure-view';

const brand = (label: string, visibleSeconds: number, shareOfVoice = 0.5): BrandExposure =>
  ({
    subjectId: label,
    label,
    visibleSeconds,
    shareOfVoice,
    meanShare: 0.1,
    appearances: 2,
    heat: [],
    byStream: [],
    evidence: [],
  }) as unknown as BrandExposure;
const answer = (...brands: BrandExposure[]): StreamsExposureWire => ({ brands }) as unknown as StreamsExposureWire;

describe(brandRows.name, () => {
  it('has bars beside the longest one', () => {
    const rows = brandRows(answer(brand('Acme', 40), brand('Bolt', 10)), null);
    expect(rows.map(({ bar, before, change }) => [bar, before, change])).toEqual([
      [1, null, null],
      [0.25, null, null],
    ]);
  });

  it('sets both ranges side by side, and forgets nobody', () => {
    const rows = brandRows(answer(brand('Acme', 30), brand('New', 5)), answer(brand('Acme', 20), brand('Gone', 60)));
    expect(
      rows.map(({ brand: { label, visibleSeconds }, before, change, bar, barBefore }) => ({
        label,
        visibleSeconds,
        was: before!.visibleSeconds,
        change,
        bar,
        barBefore,
      })),
    ).toEqual([
      { label: 'Acme', visibleSeconds: 30, was: 20, change: 0.5, bar: 0.5, barBefore: 20 / 60 },
      { label: 'New', visibleSeconds: 5, was: 0, change: null, bar: 5 / 60, barBefore: 0 },
      { label: 'Gone', visibleSeconds: 0, was: 60, change: -1, bar: 0, barBefore: 1 },
    ]);
  });

  it('is empty where nothing was seen', () => {
    expect(brandRows(answer(), answer())).toEqual([]);
  });
});

describe(heatShades.name, () => {
  it('draws cells of one depth as one path', () => {
    expect(heatShades([0, 8, 4, 8], 2)).toEqual([
      { depth: 0.5, path: 'M0 1h1v1h-1z' },
      { depth: 1, path: 'M1 0h1v1h-1zM1 1h1v1h-1z' },
    ]);
    expect(heatShades([0, 0], 2)).toEqual([]);
  });
});

describe(laneShades.name, () => {
  const startAt = (ms: number): string => new Date(ms).toISOString();
  it('is as deep as the brand was to be seen, within the axis', () => {
    const series: StreamsExposureWire['series'] = [
      { startAt: startAt(0), seconds: { Acme: 1 } },
      { startAt: startAt(1_000), seconds: { Acme: 0.5, Bolt: 1 } },
      { startAt: startAt(9_000), seconds: { Bolt: 1 } },
    ];
    expect(laneShades(series, 'Acme', 1_000, { fromMs: 500, toMs: 10_500 }, 100, deepest(series, ['Acme', 'Bolt']))).toEqual([
      { depth: 0.5, path: 'M5 0h10v1h-10z' },
      { depth: 1, path: 'M0 0h5v1h-5z' },
    ]);
  });
});

describe(ticksOf.name, () => {
  it('stands at round times', () => {
    const fromMs = new Date(2026, 10, 28, 9, 50).getTime();
    const ticks = ticksOf({ fromMs, toMs: fromMs + 60 * 60_000 }, 6);
    expect(ticks.map(({ atMs }) => new Date(atMs).getMinutes())).toEqual([0, 15, 30, 45]);
    expect(ticks[0]!.at).toBeCloseTo(1 / 6, 6);
  });

  it('stands at midnight where the range is one of days', () => {
    const fromMs = new Date(2026, 10, 1, 12).getTime();
    const ticks = ticksOf({ fromMs, toMs: fromMs + 30 * 86_400_000 }, 6);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.every(({ atMs, isDay }) => isDay && new Date(atMs).getHours() === 0)).toBe(true);
  });
});

describe(mostSeenAt.name, () => {
  it('names the place', () => {
    expect(mostSeenAt([0, 0, 6, 0, 2, 0, 0, 0, 0])).toEqual({ place: 'topRight', share: 0.75 });
    expect(mostSeenAt(new Array<number>(9).fill(0))).toBeNull();
  });
});

describe(voiceParts.name, () => {
  it('puts the small ones together', () => {
    const rows = brandRows(answer(brand('Acme', 90, 0.9), brand('Bolt', 9, 0.09), brand('Tiny', 1, 0.01)), null);
    const parts = voiceParts(rows);
    expect(parts.map(({ label }) => label)).toEqual(['Acme', 'Bolt', null]);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});
