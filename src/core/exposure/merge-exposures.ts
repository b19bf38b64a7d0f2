import { rounded, type ExposureFigures } from './exposure-sum.js';
import type { Appearance, BrandExposure, ExposureReport } from './exposure-meter.js';

export interface StreamExposure {
  readonly streamId: string;
  readonly report: ExposureReport;
}

/** A brand over several streams, and what each of them gave it. */
export interface MergedBrand extends BrandExposure {
  /** Streams on which it was seen, the most seconds first. */
  readonly byStream: readonly { readonly streamId: string; readonly visibleSeconds: number; readonly appearances: number }[];
}

export interface MergedExposure {
  /** The most seconds first. */
  readonly brands: readonly MergedBrand[];
  /** In order of time. */
  readonly appearances: readonly (Appearance & { readonly streamId: string })[];
  /** Seconds of all streams together: two streams that show a brand at once count twice. */
  readonly series: ExposureReport['series'];
}

interface Part {
  readonly streamId: string;
  readonly brand: BrandExposure;
}

/** Adds up the reports of several streams, one each: seconds are added, means are weighed by them. */
export function mergeExposures(streams: readonly StreamExposure[]): MergedExposure {
  const parts = streams.flatMap(({ streamId, report }) => report.brands.map((brand): Part => ({ streamId, brand })));
  const bySubject = [...Map.groupBy(parts, ({ brand }) => brand.subjectId).values()];
  const allSeconds = total(parts, ({ brand }) => brand.visibleSeconds);
  const allWeighted = total(parts, ({ brand }) => brand.weightedSeconds);
  const brands = bySubject.map((same) => mergedBrand(same, allSeconds, allWeighted));
  const appearances = streams.flatMap(({ streamId, report }) => report.appearances.map((one) => ({ ...one, streamId })));
  return {
    brands: brands.sort((a, b) => b.visibleSeconds - a.visibleSeconds || (a.label < b.label ? -1 : 1)),
    appearances: appearances.sort((a, b) => a.startAtMs - b.startAtMs || (a.label < b.label ? -1 : 1)),
    series: mergedSeries(streams),
  };
}

function mergedBrand(parts: readonly Part[], allSeconds: number, allWeighted: number): MergedBrand {
  const { subjectId, label } = parts[0]!.brand;
  const figures = mergedFigures(parts.map(({ brand }) => brand));
  return {
    subjectId,
    label,
    ...figures,
    appearances: total(parts, ({ brand }) => brand.appearances),
    shareOfVoice: allSeconds > 0 ? rounded(figures.visibleSeconds / allSeconds) : 0,
    weightedShareOfVoice: allWeighted > 0 ? rounded(figures.weightedSeconds / allWeighted) : 0,
    heat: cells(parts.map(({ brand }) => brand.heat)),
    byStream: parts
      .map(({ streamId, brand: { visibleSeconds, appearances } }) => ({ streamId, visibleSeconds, appearances }))
      .sort((a, b) => b.visibleSeconds - a.visibleSeconds),
  };
}

function mergedFigures(all: readonly ExposureFigures[]): ExposureFigures {
  const visibleSeconds = total(all, (one) => one.visibleSeconds);
  const mean = (value: (one: ExposureFigures) => number): number =>
    visibleSeconds > 0 ? rounded(total(all, (one) => value(one) * one.visibleSeconds) / visibleSeconds) : 0;
  return {
    visibleSeconds: rounded(visibleSeconds),
    meanShare: mean((one) => one.meanShare),
    peakShare: all.reduce((most, one) => Math.max(most, one.peakShare), 0),
    meanClarity: mean((one) => one.meanClarity),
    meanScore: mean((one) => one.meanScore),
    meanInstances: mean((one) => one.meanInstances),
    meanOthers: mean((one) => one.meanOthers),
    aloneSeconds: rounded(total(all, (one) => one.aloneSeconds)),
    factors: {
      size: mean((one) => one.factors.size),
      position: mean((one) => one.factors.position),
      clarity: mean((one) => one.factors.clarity),
      exclusivity: mean((one) => one.factors.exclusivity),
    },
    weightedSeconds: rounded(total(all, (one) => one.weightedSeconds)),
    gridSeconds: cells(all.map((one) => one.gridSeconds)),
  };
}

function mergedSeries(streams: readonly StreamExposure[]): ExposureReport['series'] {
  const buckets = Map.groupBy(
    streams.flatMap(({ report }) => report.series),
    ({ startAtMs }) => startAtMs,
  );
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([startAtMs, same]) => {
      const seconds: Record<string, number> = {};
      for (const [subject, value] of same.flatMap((bucket) => Object.entries(bucket.seconds)))
        seconds[subject] = rounded((seconds[subject] ?? 0) + value);
      return { startAtMs, seconds };
    });
}

/** Grids of one size, cell by cell. */
const cells = (grids: readonly (readonly number[])[]): number[] =>
  grids[0]!.map((_, cell) => rounded(total(grids, (grid) => grid[cell] ?? 0)));

const total = <T>(all: readonly T[], value: (one: T) => number): number => all.reduce((sum, one) => sum + value(one), 0);
