import type { Frame } from 'vedette/plugin';
import { stripOf } from './line-strip.js';
import type { TurnedRect } from './quad.js';

/** Rows of a line's look; a letter is about half as wide. */
const LINE_ROWS = 12;
const LEAST_COLUMNS = 12;
const MAX_COLUMNS = 160;
const SCENE_COLUMNS = 32;
const SCENE_ROWS = 18;
/** Columns that are judged together: about one letter. */
const WINDOW = 6;
/** Mean difference, in spreads of the line's luma, from which the letter there is another one. */
const OTHER_LETTER = 0.35;
/** Scenes that correlate less than this are of different shots. */
const SAME_SHOT = 0.5;
/** Spread of luma below which a picture is plain. */
const PLAIN = 2;

/** Levels by which a part of a scene must change, and how far that must stand out from what the other parts do, to be news. */
const NEW_PART_LEVELS = 20;
const OVER_OTHER_PARTS = 4;

/** Luma of a part of a frame in a few samples, 0..255: enough to tell whether it is still the same, small enough for a checkpoint. */
export interface Look {
  readonly columns: number;
  readonly luma: Uint8Array;
}

export const lookOfLine = (frame: Frame, rect: TurnedRect): Look => {
  const columns = Math.round((LINE_ROWS * rect.halfLength) / rect.halfHeight);
  return lookOf(frame, rect, Math.min(MAX_COLUMNS, Math.max(LEAST_COLUMNS, columns)), LINE_ROWS);
};

export function lookOfScene(frame: Frame): Look {
  const { widthPx, heightPx } = frame;
  const all = { centre: { x: widthPx / 2, y: heightPx / 2 }, along: { x: 1, y: 0 }, halfLength: widthPx / 2, halfHeight: heightPx / 2 };
  return lookOf(frame, all, SCENE_COLUMNS, SCENE_ROWS);
}

/** Whether a place whose text was read shows other text now; a change of brightness or contrast alone is none. */
export function isOtherText(before: Look, now: Look): boolean {
  if (before.columns !== now.columns) return true;
  const { columns } = before;
  const [a, b] = [standardised(before.luma), standardised(now.luma)];
  const differences = new Float64Array(columns);
  for (let i = 0; i < a.length; i++) differences[i % columns]! += Math.abs(a[i]! - b[i]!);
  const rows = a.length / columns;
  let sum = 0;
  for (let column = 0; column < columns; column++) {
    sum += differences[column]! - (column >= WINDOW ? differences[column - WINDOW]! : 0);
    if (column >= WINDOW - 1 && sum > OTHER_LETTER * rows * WINDOW) return true;
  }
  return false;
}

/** Whether two pictures are of different shots: their luma no longer correlates, whatever the brightness. */
export function isOtherShot(before: Look, now: Look): boolean {
  const [a, b] = [standardised(before.luma), standardised(now.luma)];
  const isPlain = [a, b].map((values) => values.every((value) => value === 0));
  if (isPlain[0] === true || isPlain[1] === true) return isPlain[0] !== isPlain[1];
  let product = 0;
  for (let i = 0; i < a.length; i++) product += a[i]! * b[i]!;
  return product / a.length < SAME_SHOT;
}

/** Whether a part of the same shot has come to show something else, as when a title is laid over it; all of it moving is none. */
export function hasNewPart(before: Look, now: Look): boolean {
  const changes = before.luma.map((value, i) => Math.abs(value - now.luma[i]!)).sort();
  const usual = changes[changes.length >> 1]!;
  // One tile alone is noise.
  return changes[changes.length - 2]! >= Math.max(NEW_PART_LEVELS, OVER_OTHER_PARTS * usual);
}

function lookOf(frame: Frame, rect: TurnedRect, columns: number, rows: number): Look {
  const { data } = stripOf(frame, rect, columns, rows);
  const luma = new Uint8Array(columns * rows);
  for (let i = 0; i < luma.length; i++) luma[i] = Math.round(0.2126 * data[i * 3]! + 0.7152 * data[i * 3 + 1]! + 0.0722 * data[i * 3 + 2]!);
  return { columns, luma };
}

/** Mean 0 and spread 1; all 0 for a plain one. */
function standardised(luma: Uint8Array): Float64Array {
  let [sum, squares] = [0, 0];
  for (const value of luma) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / luma.length;
  const spread = Math.sqrt(Math.max(0, squares / luma.length - mean * mean));
  return Float64Array.from(luma, (value) => (spread < PLAIN ? 0 : (value - mean) / spread));
}
