import { describe, expect, it } from 'vitest';
import { numbersFrom } from '../../../../test/support/numbers-from.js';
import { pack, type Row, unpack } from './block.js';
import type { Cell } from './columns.js';

const COLUMNS = { id: 'whole', at: 'whole', name: 'text', value: 'number', said: 'text' } as const;
type Named = keyof typeof COLUMNS;

/** What each kind of column may be given, the odd among it. */
const WHOLE = [0, 1, -1, 63, 64, -64, 127, 128, 2 ** 31, -(2 ** 31), 2 ** 51, 2 ** 53 - 1, -(2 ** 53 - 1)];
const NUMBERS = [
  0,
  -0,
  0.1,
  1 / 3,
  -27.105,
  1e-7,
  1e-22,
  1e-300,
  5e-324,
  1e15,
  123456789012345.6,
  1e22,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];
const TEXTS = ['', 'a', 'a "cat"', 'é\\', '\u2028', '😀', '__proto__', 'x'.repeat(5_000), '{"a":[1,null]}'];

/** Rows of numbers and texts picked by chance, by chance alike. */
function rowsOf(seed: number): Row<typeof COLUMNS>[] {
  const next = numbersFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const nulls = pick([0, 0, 0.3, 1]);
  const scale = pick([1, 1e3, 1e9, 1.7e15]);
  const cell = (make: () => Cell): Cell => (next() < nulls ? null : make());
  const isOdd = next() < 0.4;
  return Array.from({ length: Math.floor(next() * 60) }, (_, i) => ({
    id: i * 7 + Math.floor(next() * 3),
    at: cell(() => (isOdd ? pick(WHOLE) : Math.floor(next() * scale))),
    name: cell(() => pick(TEXTS)),
    value: cell(() => (isOdd ? pick(NUMBERS) : Math.round(next() * scale) / pick([1, 10, 1000, 1e9]))),
    said: cell(() => `${pick(TEXTS)}${Math.floor(next() * 1e6)}`),
  }));
}

const unpacked = (data: Buffer, groupedBy?: Named): Record<string, readonly Cell[]> => {
  const rows = unpack(COLUMNS, data, groupedBy);
  return Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, rows.column(name)]));
};
const byColumn = (rows: readonly Row<typeof COLUMNS>[]): Record<string, Cell[]> =>
  Object.fromEntries((Object.keys(COLUMNS) as Named[]).map((name) => [name, rows.map((row) => row[name])]));

describe('packed rows', () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed))('come back bit by bit (%d)', (seed) => {
    const rows = rowsOf(seed);
    // `toEqual` tells -0 from 0.
    expect(unpacked(pack(COLUMNS, rows))).toEqual(byColumn(rows));
    const grouped = rows.toSorted((a, b) => String(a.name).localeCompare(String(b.name)));
    expect(unpacked(pack(COLUMNS, grouped, 'name'), 'name')).toEqual(byColumn(grouped));
  });

  it.each([...WHOLE.map((value) => ['at', value] as const), ...NUMBERS.map((value) => ['value', value] as const)])(
    'keep in column %s the number %d',
    (column, value) => {
      const rows = [1, value, 0.5].map((other) => ({
        id: 1,
        at: 2,
        name: 'n',
        said: null,
        value: 0.25,
        [column]: column === 'at' ? Math.floor(other) : other,
      }));
      expect(unpacked(pack(COLUMNS, rows))).toEqual(byColumn(rows));
    },
  );

  it('take less than a tenth of their JSON where they are as results are', () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => ({
      ...{ id: 1_000 + Math.floor(i / 10), at: 1.7e15 + i * 200_000, name: i % 2 === 0 ? 'brightness' : 'contrast' },
      ...{ value: Math.round(500 + 50 * Math.sin(i / 20)) / 1000, said: null },
    }));
    expect(pack(COLUMNS, rows).length).toBeLessThan(JSON.stringify(rows).length / 10);
  });

  it('are refused where they are of another version, cut off, or asked for what they have not', () => {
    const data = pack(COLUMNS, rowsOf(3));
    expect(() => unpack({ ...COLUMNS, more: 'text' }, data)).toThrow(RangeError);
    expect(() => unpack(COLUMNS, data.subarray(0, data.length - 3))).toThrow();
    expect(() => unpack(COLUMNS, data).column('more')).toThrow('no column more');
  });
});
