import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter } from './bytes.js';
import { type Cell, type ColumnType, readColumn, writeColumn } from './columns.js';

/** The columns of a kind of row, by name; what is written is read by the same list, in the same order. */
export interface Columns {
  readonly [name: string]: ColumnType;
}

export type Row<C extends Columns> = { readonly [N in keyof C]: Cell };

/** Rows as they were packed, by column. */
export interface UnpackedRows {
  readonly count: number;
  /** @throws TypeError where the block has no such column */
  column(name: string): readonly Cell[];
}

const VERSION = 1;
const LEVEL = 6;

/**
 * Packs rows column by column.
 * @param groupedBy a text column: numbers of rows that have the same text in it, and stand together, are packed together
 * @example unpack(COLUMNS, pack(COLUMNS, rows)).column('score')
 */
export function pack<C extends Columns>(columns: C, rows: readonly Row<C>[], groupedBy?: keyof C & string): Buffer {
  const out = new ByteWriter();
  const lengths = groupedBy === undefined ? undefined : lengthsOfGroups(rows.map((row) => row[groupedBy]!));
  out.count(VERSION);
  out.count(rows.length);
  for (const [name, type] of inOrder(columns, groupedBy))
    writeColumn(
      out,
      type,
      rows.map((row) => row[name as keyof C]!),
      lengths,
    );
  return deflateRawSync(out.toBuffer(), { level: LEVEL });
}

/**
 * @param columns and `groupedBy` as it was packed by
 * @throws RangeError, Error where the bytes are not of such a block
 */
export function unpack<C extends Columns>(columns: C, data: Buffer, groupedBy?: keyof C & string): UnpackedRows {
  const from = new ByteReader(inflateRawSync(data));
  const version = from.count();
  if (version !== VERSION) throw new RangeError(`Packed rows of version ${version}, which this version of Vedette does not read`);
  const count = from.count();
  const read = new Map<string, Cell[]>();
  let lengths: number[] | undefined;
  for (const [name, type] of inOrder(columns, groupedBy)) {
    const cells = readColumn(from, type, count, lengths);
    if (name === groupedBy) lengths = lengthsOfGroups(cells);
    read.set(name, cells);
  }
  return {
    count,
    column: (name) => {
      const cells = read.get(name);
      if (cells === undefined) throw new TypeError(`Packed rows have no column ${name}`);
      return cells;
    },
  };
}

/** What rows are grouped by comes first: the others are read by it. */
function inOrder(columns: Columns, groupedBy: string | undefined): [string, ColumnType][] {
  const entries = Object.entries(columns);
  return groupedBy === undefined ? entries : entries.toSorted(([a], [b]) => Number(b === groupedBy) - Number(a === groupedBy));
}

function lengthsOfGroups(cells: readonly Cell[]): number[] {
  const lengths: number[] = [];
  cells.forEach((cell, i) => {
    if (i > 0 && cell === cells[i - 1]) lengths[lengths.length - 1]! += 1;
    else lengths.push(1);
  });
  return lengths;
}
