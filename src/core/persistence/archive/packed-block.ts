import { MINUTE_MS } from '../../plugin-api/index.js';
import { type BlockKind, PACKED, type PackedKind } from './block-kinds.js';
import { type Columns, pack, type Row } from './block.js';

/** A row as it is packed. */
export type PackedRow = Row<Columns>;

/** What a block's row in the table holds besides where it belongs. */
export interface PackedBlock {
  /** First and last. */
  readonly keys: readonly [number, number];
  /** Ids of the runs that it is of, the least and the greatest. */
  readonly runs: readonly [number, number];
  readonly rowCount: number;
  readonly names: readonly string[];
  /** By name, in their order; absent where nothing is measured. */
  readonly tallies?: readonly Tally[];
  readonly minutes?: Buffer;
  readonly data: Buffer;
}

/** How often a name occurs, and how what is measured of it is spread. */
export interface Tally {
  count: number;
  sum: number;
  low: number;
  high: number;
}

export const MINUTE_US = MINUTE_MS * 1000;
export const MINUTES: Columns = { minute: 'whole', name: 'text', count: 'whole', sum: 'number', low: 'number', high: 'number' };

/** What a list of a kind is ordered by: µs since 1970 of results, ids of runs. */
export const keyOf = (kind: BlockKind, row: PackedRow): number =>
  kind === 'runs' ? Number(row['id']) : Number(row['pts_us']) + Number(row['clock_us']);

/** @param rows of one analyzer, epoch and stretch of time; at least one */
export function packBlock(kind: BlockKind, rows: readonly PackedRow[]): PackedBlock {
  const packed: PackedKind = PACKED[kind];
  const keys = rows.map((row) => keyOf(kind, row));
  const names = [...new Set(rows.map((row) => String(row[packed.named])))].sort();
  const data = pack(packed.columns, inPackingOrder(kind, rows), packed.groupedBy);
  const runs = kind === 'runs' ? keys : rows.map((row) => Number(row['run_id']));
  const base = { keys: boundsOf(keys), runs: boundsOf(runs), rowCount: rows.length, names, data };
  const { measured } = packed;
  if (measured === undefined) return base;
  const all = new Map<string, Tally>();
  const ofMinutes = new Map<string, Tally & { readonly minute: number; readonly name: string }>();
  rows.forEach((row, i) => {
    const [name, value, minute] = [String(row[packed.named]), Number(row[measured]), Math.floor(keys[i]! / MINUTE_US)];
    tally(all, name, value, nothing);
    tally(ofMinutes, `${minute} ${name}`, value, () => ({ ...nothing(), minute, name }));
  });
  const minutes = [...ofMinutes.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.minute - b.minute));
  return { ...base, tallies: names.map((name) => all.get(name)!), minutes: pack(MINUTES, minutes as unknown as PackedRow[], 'name') };
}

/** Sums of a metric's wildest values must stay numbers, here and in PostgreSQL: beyond this a value counts as this. */
export const GREATEST_SUMMAND = 1e150;
export const summand = (value: number): number => Math.min(GREATEST_SUMMAND, Math.max(-GREATEST_SUMMAND, value));

const boundsOf = (values: readonly number[]): [number, number] => [
  values.reduce((least, value) => Math.min(least, value), Infinity),
  values.reduce((greatest, value) => Math.max(greatest, value), -Infinity),
];

const nothing = (): Tally => ({ count: 0, sum: 0, low: Infinity, high: -Infinity });

function tally<T extends Tally>(tallies: Map<string, T>, key: string, value: number, begin: () => T): void {
  let known = tallies.get(key);
  if (known === undefined) tallies.set(key, (known = begin()));
  known.count += 1;
  known.sum += summand(value);
  known.low = Math.min(known.low, value);
  known.high = Math.max(known.high, value);
}

/** Rows that are packed in groups stand together by what they are grouped by; all else in the order of the list. */
function inPackingOrder(kind: BlockKind, rows: readonly PackedRow[]): PackedRow[] {
  const { groupedBy }: PackedKind = PACKED[kind];
  return rows.toSorted((a, b) => {
    if (groupedBy !== undefined && a[groupedBy] !== b[groupedBy]) return String(a[groupedBy]) < String(b[groupedBy]) ? -1 : 1;
    const by = keyOf(kind, a) - keyOf(kind, b) || Number(a['run_id'] ?? 0) - Number(b['run_id'] ?? 0);
    return by || Number(a['ordinal'] ?? 0) - Number(b['ordinal'] ?? 0);
  });
}
