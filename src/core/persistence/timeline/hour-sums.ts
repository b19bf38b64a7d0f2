import { HOUR_MS } from '../../plugin-api/index.js';
import { type Columns, pack, unpack } from '../archive/block.js';
import { MINUTE_US, type PackedRow } from '../archive/packed-block.js';
import { SumTable, type TimelinePart } from './sum-table.js';

export const HOUR_US = HOUR_MS * 1000;
export const TEN_MINUTES_US = 10 * MINUTE_US;

/** Columns of `timeline_hours`: the same sums in buckets of these widths. */
export const RESOLUTIONS = { hour: HOUR_US, tens: TEN_MINUTES_US, minutes: MINUTE_US } as const;
export type Resolution = keyof typeof RESOLUTIONS;

/** Every sum of one hour of a stream, as it is kept. */
export type PackedHour = Readonly<Record<Resolution, Buffer>>;

const COLUMNS: Columns = {
  ...{ part: 'text', analyzer_id: 'text', name: 'text', reason: 'text', bucket: 'whole' },
  ...{ count: 'whole', sum: 'number', low: 'number', high: 'number' },
};

/** Somebody who names each thing anew would make an hour of sums larger than what it sums up. */
const MOST_KEYS = 2_000;

/** @returns null where there is nothing; 'too-much' where so much is told apart that it is not worth keeping */
export function packHour(minutes: SumTable): PackedHour | null | 'too-much' {
  if (minutes.size === 0) return null;
  if (minutes.size > MOST_KEYS) return 'too-much';
  const packed = (bucketUs: number): Buffer => packTable(bucketUs === minutes.bucketUs ? minutes : coarser(minutes, bucketUs));
  return { hour: packed(RESOLUTIONS.hour), tens: packed(RESOLUTIONS.tens), minutes: packed(RESOLUTIONS.minutes) };
}

/** Adds those sums of a packed hour that are asked for. */
export function addPackedHour(
  data: Buffer,
  resolution: Resolution,
  { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
  parts: ReadonlySet<TimelinePart>,
  sums: SumTable,
): void {
  const rows = unpack(COLUMNS, data, 'name');
  const texts = (name: string): readonly string[] => rows.column(name) as readonly string[];
  const numbers = (name: string): readonly number[] => rows.column(name) as readonly number[];
  const [part, analyzerIds, names, reasons] = [texts('part'), texts('analyzer_id'), texts('name'), texts('reason')];
  const [buckets, counts, totals, lows, highs] = [numbers('bucket'), numbers('count'), numbers('sum'), numbers('low'), numbers('high')];
  const unitUs = RESOLUTIONS[resolution];
  for (let i = 0; i < rows.count; i++) {
    const atUs = buckets[i]! * unitUs;
    if (atUs < fromUs || atUs >= toUs || !parts.has(part[i] as TimelinePart)) continue;
    const key = { part: part[i] as TimelinePart, analyzerId: analyzerIds[i]!, name: names[i]!, reason: reasons[i]! };
    sums.add(key, sums.bucketAt(atUs), { count: counts[i]!, sum: totals[i]!, low: lows[i]!, high: highs[i]! });
  }
}

/** The coarsest that buckets of this width can be made of; undefined: none. */
export function resolutionFor(bucketUs: number): Resolution | undefined {
  return (Object.keys(RESOLUTIONS) as Resolution[]).find((resolution) => bucketUs % RESOLUTIONS[resolution] === 0);
}

function packTable(table: SumTable): Buffer {
  const rows: PackedRow[] = [];
  const inOrder = table.all().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { part, analyzerId, name, reason, buckets } of inOrder) {
    for (const [bucket, { count, sum, low, high }] of [...buckets].sort(([a], [b]) => a - b))
      rows.push({ part, analyzer_id: analyzerId, name, reason, bucket, count, sum, low, high });
  }
  return pack(COLUMNS, rows, 'name');
}

function coarser(table: SumTable, bucketUs: number): SumTable {
  const coarse = new SumTable(bucketUs);
  for (const { buckets, ...key } of table.all())
    for (const [bucket, tally] of buckets) coarse.add(key, coarse.bucketAt(bucket * table.bucketUs), tally);
  return coarse;
}
