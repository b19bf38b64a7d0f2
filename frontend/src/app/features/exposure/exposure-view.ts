import type { StreamsExposureWire } from '../../api/models';
import { groupedBy } from '../../core/grouped-by';
import type { Span } from './exposure-ask';

export type BrandExposure = StreamsExposureWire['brands'][number];

/** A brand in the table, with what it had in the range beside. */
export interface BrandRow {
  readonly brand: BrandExposure;
  /** Null: nothing stands beside. Seconds of 0: it was not to be seen there. */
  readonly before: Pick<BrandExposure, 'visibleSeconds' | 'shareOfVoice' | 'meanShare' | 'appearances'> | null;
  /** Of its seconds, 0.2 for a fifth more; null where there is nothing to compare with. */
  readonly change: number | null;
  /** Lengths of its bars, 0..1 of the longest of all. */
  readonly bar: number;
  readonly barBefore: number;
}

const NOTHING = { visibleSeconds: 0, shareOfVoice: 0, meanShare: 0, appearances: 0 };

/** Brands of both ranges; those that were seen in the other one only come last. */
export function brandRows(main: StreamsExposureWire, beside: StreamsExposureWire | null): BrandRow[] {
  const others = new Map(beside?.brands.map((brand) => [brand.subjectId, brand]));
  const gone = [...others.values()]
    .filter(({ subjectId }) => !main.brands.some((brand) => brand.subjectId === subjectId))
    .map((brand): BrandExposure => ({ ...brand, ...NOTHING, weightedSeconds: 0, heat: [], byStream: [], evidence: [] }));
  const all = [...main.brands, ...gone];
  const longest = Math.max(0, ...all.map(({ visibleSeconds }) => visibleSeconds), ...[...others.values()].map((one) => one.visibleSeconds));
  const ofLongest = (seconds: number): number => (longest === 0 ? 0 : seconds / longest);
  return all.map((brand) => {
    const before = beside === null ? null : (others.get(brand.subjectId) ?? NOTHING);
    return {
      brand,
      before,
      change: before === null || before.visibleSeconds === 0 ? null : brand.visibleSeconds / before.visibleSeconds - 1,
      bar: ofLongest(brand.visibleSeconds),
      barBefore: ofLongest(before?.visibleSeconds ?? 0),
    };
  });
}

/** Cells of one depth of colour, as one path on a grid of unit squares. */
export interface Shade {
  /** 0..1 */
  readonly depth: number;
  readonly path: string;
}

const DEPTHS = 8;

/** A heat map, row by row, in few paths; the hottest cell is 1. */
export function heatShades(heat: readonly number[], columns: number): Shade[] {
  const hottest = Math.max(0, ...heat);
  return shades(
    heat.map((seconds, cell) => ({
      value: hottest === 0 ? 0 : seconds / hottest,
      path: `M${cell % columns} ${Math.floor(cell / columns)}h1v1h-1z`,
    })),
  );
}

/** For how much of a bucket any of the brands was to be seen at most, in seconds: the deepest colour. */
export const deepest = (series: StreamsExposureWire['series'], subjectIds: readonly string[]): number =>
  Math.max(0, ...series.flatMap(({ seconds }) => subjectIds.map((id) => seconds[id] ?? 0)));

/** When a brand was to be seen, on an axis from 0 to `width`: the depth says for how much of the time, beside the deepest. */
export function laneShades(
  series: StreamsExposureWire['series'],
  subjectId: string,
  bucketMs: number,
  span: Span,
  width: number,
  deepestSeconds: number,
): Shade[] {
  const scale = width / (span.toMs - span.fromMs);
  return shades(
    series.flatMap(({ startAt, seconds }) => {
      const share = (seconds[subjectId] ?? 0) / deepestSeconds;
      const from = Math.max(0, (Date.parse(startAt) - span.fromMs) * scale);
      const to = Math.min(width, (Date.parse(startAt) + bucketMs - span.fromMs) * scale);
      return share <= 0 || to <= from
        ? []
        : [{ value: Math.min(1, share), path: `M${round(from)} 0h${round(to - from)}v1h-${round(to - from)}z` }];
    }),
  );
}

function shades(cells: readonly { readonly value: number; readonly path: string }[]): Shade[] {
  const seen = cells.filter(({ value }) => value > 0);
  const byDepth = groupedBy(seen, ({ value }) => Math.max(1, Math.ceil(value * DEPTHS)));
  return [...byDepth]
    .sort(([a], [b]) => a - b)
    .map(([depth, same]) => ({ depth: depth / DEPTHS, path: same.map(({ path }) => path).join('') }));
}

const round = (value: number): number => Math.round(value * 100) / 100;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS, 2 * DAY_MS, 7 * DAY_MS];

export interface Tick {
  readonly atMs: number;
  /** 0..1 of the axis. */
  readonly at: number;
  readonly isDay: boolean;
}

/** Round times of the viewer's clock, at most so many. */
export function ticksOf({ fromMs, toMs }: Span, most: number): Tick[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= most) ?? DAY_MS * Math.ceil((toMs - fromMs) / DAY_MS / most);
  const midnight = new Date(fromMs);
  midnight.setHours(0, 0, 0, 0);
  const ticks: Tick[] = [];
  for (let step = 0; ; step++) {
    const atMs =
      stepMs < DAY_MS ? midnight.getTime() + step * stepMs : new Date(midnight).setDate(midnight.getDate() + step * (stepMs / DAY_MS));
    if (atMs > toMs) return ticks;
    if (atMs >= fromMs) ticks.push({ atMs, at: (atMs - fromMs) / (toMs - fromMs), isDay: stepMs >= DAY_MS });
  }
}

const GRID = ['topLeft', 'top', 'topRight', 'left', 'centre', 'right', 'bottomLeft', 'bottom', 'bottomRight'] as const;
export type GridPlace = (typeof GRID)[number];

/** Where it was longest, and for which part of its time, 0..1. */
export function mostSeenAt(gridSeconds: readonly number[]): { readonly place: GridPlace; readonly share: number } | null {
  const total = gridSeconds.reduce((sum, seconds) => sum + seconds, 0);
  const most = Math.max(0, ...gridSeconds);
  return total === 0 ? null : { place: GRID[gridSeconds.indexOf(most)]!, share: most / total };
}

/** Parts of a whole that are worth a part of a bar of their own; the others are one. */
export function voiceParts(rows: readonly BrandRow[], least = 0.02): { readonly label: string | null; readonly share: number }[] {
  const large = rows
    .filter(({ brand }) => brand.shareOfVoice >= least)
    .map(({ brand }) => ({ label: brand.label, share: brand.shareOfVoice }));
  const rest = 1 - large.reduce((sum, { share }) => sum + share, 0);
  return rows.length > large.length && rest > 0.001 ? [...large, { label: null, share: rest }] : large;
}
