import { describe, expect, it } from 'vitest';
import { ExposureMeter } from './exposure-meter.js';
import { mergeExposures } from './merge-exposures.js';
import type { Sighting } from './brand-sighting.js';

const seen = (atMs: number, label: string, over: Partial<Sighting> = {}): Sighting => ({
  epochId: 'e1',
  ptsUs: atMs * 1000,
  atMs,
  subjectId: label.toLowerCase(),
  label,
  score: 0.8,
  box: { x: 0.4, y: 0.4, width: 0.2, height: 0.2 },
  clarity: 1,
  sampleMs: 400,
  ...over,
});
function reportOf(...sightings: readonly Sighting[]) {
  const meter = new ExposureMeter({ maxGapMs: 1_000, bucketMs: 1_000 });
  for (const one of sightings) meter.add(one);
  return meter.finish();
}

describe(mergeExposures.name, () => {
  const small = { x: 0, y: 0, width: 0.1, height: 0.1 };
  const arena = { streamId: 'arena', report: reportOf(seen(0, 'Acme'), seen(400, 'Acme'), seen(5_000, 'Acme')) };
  const lobby = { streamId: 'lobby', report: reportOf(seen(200, 'Acme', { box: small }), seen(200, 'Bolt', { box: small })) };

  it('adds seconds and appearances, and says where they came from', () => {
    const { brands } = mergeExposures([arena, lobby]);
    expect(
      brands.map(({ label, visibleSeconds, appearances, shareOfVoice }) => [label, visibleSeconds, appearances, shareOfVoice]),
    ).toEqual([
      ['Acme', 1.6, 3, 0.8],
      ['Bolt', 0.4, 1, 0.2],
    ]);
    expect(brands[0]!.byStream).toEqual([
      { streamId: 'arena', visibleSeconds: 1.2, appearances: 2 },
      { streamId: 'lobby', visibleSeconds: 0.4, appearances: 1 },
    ]);
  });

  it('weighs means by the seconds that they are of, and keeps the greatest', () => {
    const [acme] = mergeExposures([arena, lobby]).brands;
    expect(acme!.meanShare).toBeCloseTo((0.04 * 1.2 + 0.01 * 0.4) / 1.6, 6);
    expect(acme!.peakShare).toBe(0.04);
    expect(acme!.meanOthers).toBe(0.25);
    expect(acme!.aloneSeconds).toBe(1.2);
    expect(acme!.gridSeconds).toEqual([0.4, 0, 0, 0, 1.2, 0, 0, 0, 0]);
    expect(acme!.heat.reduce((sum, one) => sum + one, 0)).toBeCloseTo(
      [arena, lobby].flatMap(({ report }) => report.brands[0]!.heat).reduce((sum, one) => sum + one, 0),
      4,
    );
  });

  it('puts appearances and buckets of all streams in the order of time', () => {
    const { appearances, series } = mergeExposures([lobby, arena]);
    expect(appearances.map(({ streamId, label, startAtMs }) => [streamId, label, startAtMs])).toEqual([
      ['arena', 'Acme', 0],
      ['lobby', 'Acme', 200],
      ['lobby', 'Bolt', 200],
      ['arena', 'Acme', 5_000],
    ]);
    expect(series).toEqual([
      { startAtMs: 0, seconds: { acme: 1.2, bolt: 0.4 } },
      { startAtMs: 5_000, seconds: { acme: 0.4 } },
    ]);
  });

  it('is the report of the stream where there is one, and nothing where there is none', () => {
    const { brands, appearances, series } = mergeExposures([arena]);
    expect(brands.map(({ byStream: _, ...brand }) => brand)).toEqual(arena.report.brands);
    expect(appearances.map(({ streamId: _, ...one }) => one)).toEqual(arena.report.appearances);
    expect(series).toEqual(arena.report.series);
    expect(mergeExposures([])).toEqual({ brands: [], appearances: [], series: [] });
  });
});
