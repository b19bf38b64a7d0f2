import type { Query } from '../database.js';
import { type BlockKind, PACKED, type PackedKind } from './block-kinds.js';
import { type Columns, unpack } from './block.js';
import { type BlockFilter, blockWhere } from './block-scan.js';
import { packBlock, type PackedRow } from './packed-block.js';

interface PlacedBlock {
  readonly table_oid: string;
  readonly row_id: string;
  readonly data: Buffer;
}

/**
 * Takes rows out of blocks, in the caller's transaction. A block that has nothing left goes; the others are packed anew.
 * @returns the rows that were taken out
 */
export async function takeFromBlocks(
  query: Query,
  kind: BlockKind,
  filter: Omit<BlockFilter, 'kinds'>,
  isGone: (row: PackedRow) => boolean,
): Promise<PackedRow[]> {
  const where = blockWhere({ ...filter, kinds: [kind] });
  const blocks = await query<PlacedBlock>(
    `SELECT b.tableoid::text AS table_oid, b.ctid::text AS row_id, b.data FROM ledger_archive b WHERE ${where} FOR UPDATE`,
    where.params,
  );
  const taken: PackedRow[] = [];
  for (const block of blocks) {
    const rows = rowsOf(kind, block.data);
    const gone = rows.filter(isGone);
    if (gone.length === 0) continue;
    taken.push(...gone);
    const kept = rows.filter((row) => !isGone(row));
    const place = [block.table_oid, block.row_id];
    if (kept.length === 0) await query('DELETE FROM ledger_archive WHERE tableoid = $1::oid AND ctid = $2::tid', place);
    else await query(REPACK, [...place, ...columnsOf(kind, kept)]);
  }
  return taken;
}

function rowsOf(kind: BlockKind, data: Buffer): PackedRow[] {
  const { columns, groupedBy }: PackedKind = PACKED[kind];
  const rows = unpack(columns as Columns, data, groupedBy);
  const names = Object.keys(columns);
  const cells = names.map((name) => rows.column(name));
  return Array.from({ length: rows.count }, (_, i) => Object.fromEntries(names.map((name, j) => [name, cells[j]![i]!])));
}

/** A block's columns in the order of the statements that write them. */
export function columnsOf(kind: BlockKind, rows: readonly PackedRow[]): unknown[] {
  const { keys, runs, rowCount, names, tallies, minutes, data } = packBlock(kind, rows);
  const measures = (['count', 'sum', 'low', 'high'] as const).map((of) => tallies?.map((tally) => tally[of]) ?? null);
  return [...keys, ...runs, rowCount, names, ...measures, minutes ?? null, data];
}

const REPACK = `
UPDATE ledger_archive SET first_key = $3, last_key = $4, first_run = $5, last_run = $6, row_count = $7, names = $8, counts = $9, sums = $10,
  lows = $11, highs = $12, minutes = $13, data = $14 WHERE tableoid = $1::oid AND ctid = $2::tid`;
