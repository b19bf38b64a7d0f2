import type { TimeSeries } from '../../core/time-series';

/** Span of the charts on the wall clock, and the displayed frame in it (null while nothing plays). */
export interface PlotWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly atMs: number | null;
}

export const WINDOW_MS = 120_000;
/** Room to the right of the displayed frame, for results that are ahead of the picture. */
const AHEAD_MS = 10_000;
/** A longer silence is a hole in the line, not a slope: between epochs nothing was measured. */
const HOLE_MS = 12_000;

export function windowAround(atMs: number | null, nowMs: number): PlotWindow {
  const toMs = (atMs ?? nowMs) + AHEAD_MS;
  return { fromMs: toMs - WINDOW_MS, toMs, atMs };
}

/** Columns for uPlot: seconds and values, a null where the line has a hole. */
export function toPlot(points: TimeSeries, window: PlotWindow): [number[], (number | null)[]] {
  const { timesMs, values } = points.window(window.fromMs, window.toMs);
  const x: number[] = [];
  const y: (number | null)[] = [];
  for (let i = 0; i < timesMs.length; i++) {
    const time = timesMs[i]!;
    if (i > 0 && time - timesMs[i - 1]! > HOLE_MS) {
      x.push((timesMs[i - 1]! + 1) / 1000);
      y.push(null);
    }
    x.push(time / 1000);
    y.push(values[i]!);
  }
  return [x, y];
}

/** The scale of a unit that has one, else room around the values; a flat line lies in the middle. */
export function yRange(values: readonly (number | null)[], unit: string): { min: number; max: number } {
  if (unit === '0..1') return { min: 0, max: 1 };
  if (unit === '%') return { min: 0, max: 100 };
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min > max) return { min: 0, max: 1 };
  const pad = max > min ? (max - min) * 0.12 : Math.max(0.5, Math.abs(max) * 0.2);
  return { min: min >= 0 ? Math.max(0, min - pad) : min - pad, max: max + pad };
}

/** Numbers beside an axis: so many digits behind the comma that neighbours differ, as the viewer's region writes them. */
export function axisNumbers(splits: readonly number[], number: (value: number, digits: number) => string): string[] {
  const step = splits.length > 1 ? Math.abs(splits[1]! - splits[0]!) : 1;
  const isWhole = (digits: number): boolean => Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6;
  const digits = step === 0 ? 0 : ([0, 1, 2, 3, 4, 5].find(isWhole) ?? 6);
  return splits.map((value) => number(Object.is(value, -0) ? 0 : value, digits));
}
