import type { ByteReader, ByteWriter } from './bytes.js';

/** What a cell of a packed column holds. */
export type Cell = string | number | null;

export type ColumnType = 'whole' | 'number' | 'text';

/** Further from the last than this, a whole number is written as a double. */
const FURTHEST = 2 ** 51;
const MOST_DECIMALS = 22;
const DOUBLE_BYTES = 8;
const DECIMALS = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** Which cells of a column are empty. */
const EMPTY = { none: 0, all: 1, some: 2 } as const;
/** How a column's numbers are written. */
const NUMBERS = { doubles: 0, steps: 1, decimals: 2 } as const;

/**
 * Writes one column: which cells are empty, then the others. Numbers come back bit by bit, texts letter by letter.
 * @param groups how many rows stand together, each such group of numbers a column of its own where none is empty; absent: all of them
 */
export function writeColumn(out: ByteWriter, type: ColumnType, cells: readonly Cell[], groups?: readonly number[]): void {
  const filled = cells.filter((cell) => cell !== null);
  out.count(filled.length === cells.length ? EMPTY.none : filled.length === 0 ? EMPTY.all : EMPTY.some);
  if (filled.length === 0) return;
  if (filled.length < cells.length) for (const cell of cells) out.count(cell === null ? 0 : 1);
  if (type === 'text') writeTexts(out, filled as string[]);
  else if (type === 'whole') writeWhole(out, filled as number[]);
  else for (const group of inGroups(filled as number[], filled.length < cells.length ? undefined : groups)) writeNumbers(out, group);
}

/** @param count of rows, empty cells included */
export function readColumn(from: ByteReader, type: ColumnType, count: number, groups?: readonly number[]): Cell[] {
  const empty = from.count();
  if (count === 0) return [];
  if (empty === EMPTY.all) return new Array<Cell>(count).fill(null);
  const isFilled = empty === EMPTY.some ? Array.from({ length: count }, () => from.count() === 1) : null;
  const filledCount = isFilled === null ? count : isFilled.filter(Boolean).length;
  const filled = readFilled(from, type, filledCount, isFilled === null ? groups : undefined);
  if (isFilled === null) return filled;
  let next = 0;
  return isFilled.map((is) => (is ? filled[next++]! : null));
}

function readFilled(from: ByteReader, type: ColumnType, count: number, groups?: readonly number[]): Cell[] {
  if (type === 'text') return readTexts(from, count);
  if (type === 'whole') return readNumbers(from, count);
  return (groups ?? [count]).flatMap((length) => readNumbers(from, length));
}

function inGroups(cells: readonly number[], groups: readonly number[] | undefined): number[][] {
  let from = 0;
  return (groups ?? [cells.length]).map((length) => cells.slice(from, (from += length)));
}

/** Each text once, and which of them stands where. */
function writeTexts(out: ByteWriter, texts: readonly string[]): void {
  const places = new Map<string, number>();
  for (const text of texts) if (!places.has(text)) places.set(text, places.size);
  out.text(JSON.stringify([...places.keys()]));
  if (places.size > 1) for (const text of texts) out.count(places.get(text)!);
}

function readTexts(from: ByteReader, count: number): string[] {
  const texts = JSON.parse(from.text()) as string[];
  if (texts.length === 1) return new Array<string>(count).fill(texts[0]!);
  return Array.from({ length: count }, () => texts[from.count()]!);
}

/** The steps from each to the next: of what grows evenly they are the same. */
function writeWhole(out: ByteWriter, values: readonly number[]): void {
  if (!fitsInSteps(values)) return writeDoubles(out, values);
  out.count(NUMBERS.steps);
  writeSteps(out, values);
}

/** As decimals where few places are enough for all, which is how most numbers were made; else as they are. */
function writeNumbers(out: ByteWriter, values: readonly number[]): void {
  const places = placesOf(values);
  const scale = 10 ** places;
  const scaled = values.map((value) => Math.round(value * scale));
  const isExact = places <= MOST_DECIMALS && scaled.every((whole, i) => Object.is(whole / scale, values[i]));
  if (!isExact || !scaled.every((whole) => Math.abs(whole) <= FURTHEST && !Object.is(whole, -0))) return writeDoubles(out, values);
  out.count(NUMBERS.decimals);
  out.count(places);
  for (const whole of scaled) out.signed(whole);
}

function readNumbers(from: ByteReader, count: number): number[] {
  const how = from.count();
  if (how === NUMBERS.doubles) return readDoubles(from, count);
  if (how === NUMBERS.steps) {
    let last = 0;
    return Array.from({ length: count }, () => (last += from.signed()));
  }
  const scale = 10 ** from.count();
  return Array.from({ length: count }, () => from.signed() / scale);
}

function writeSteps(out: ByteWriter, values: readonly number[]): void {
  let last = 0;
  for (const value of values) {
    out.signed(value - last);
    last = value;
  }
}

function fitsInSteps(values: readonly number[]): boolean {
  return values.every(
    (value, i) => Number.isSafeInteger(value) && !Object.is(value, -0) && Math.abs(value - (values[i - 1] ?? 0)) <= FURTHEST,
  );
}

/** Decimal places that the longest of them has. */
function placesOf(values: readonly number[]): number {
  let most = 0;
  for (const value of values) {
    const [, fraction = '', exponent = '0'] = DECIMALS.exec(String(value)) ?? [undefined, '', '-99'];
    most = Math.max(most, fraction.length - Number(exponent));
  }
  return most;
}

/** All first bytes, then all second ones: what is alike in them stands together. */
function writeDoubles(out: ByteWriter, values: readonly number[]): void {
  out.count(NUMBERS.doubles);
  const plain = Buffer.from(Float64Array.from(values).buffer);
  const turned = Buffer.allocUnsafe(plain.length);
  for (let i = 0; i < plain.length; i++) turned[(i % DOUBLE_BYTES) * values.length + Math.floor(i / DOUBLE_BYTES)] = plain[i]!;
  out.bytes(turned);
}

function readDoubles(from: ByteReader, count: number): number[] {
  const turned = from.bytes();
  const plain = new Uint8Array(count * DOUBLE_BYTES);
  for (let i = 0; i < plain.length; i++) plain[i] = turned[(i % DOUBLE_BYTES) * count + Math.floor(i / DOUBLE_BYTES)]!;
  return Array.from(new Float64Array(plain.buffer));
}
