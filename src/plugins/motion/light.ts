import { UNITS_PER_LEVEL } from './cell-grid.js';

/** Darker and brighter halves must differ by this many levels for a gain to be told from an offset. */
const MIN_SPREAD = 16 * UNITS_PER_LEVEL;
/** Cells taken for the medians: every so many, so that there are about this many. */
const SAMPLES = 1024;

/** What the light adds to each level of the background: `offset + slope * level`, in 256ths. */
export interface LightChange {
  readonly offset: number;
  readonly slope: number;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * The change of light between background and picture, by medians over the darker and the brighter half of the cells: what moves
 * covers less than half of either, as a rule, and leaves medians alone. A camera's gain moves bright cells more than dark ones.
 */
export function lightChange(background: Uint16Array, means: Uint16Array, watched: Uint8Array): LightChange {
  const step = Math.max(1, Math.floor(background.length / SAMPLES));
  const cells: number[] = [];
  for (let i = 0; i < background.length; i += step) if (watched[i] === 1) cells.push(i);
  if (cells.length === 0) return { offset: 0, slope: 0 };
  cells.sort((a, b) => background[a]! - background[b]!);
  const half = cells.length >> 1;
  const [dark, bright] = [cells.slice(0, half || 1), cells.slice(half)];
  const [darkLevel, brightLevel] = [dark, bright].map((part) => background[part[part.length >> 1]!]!) as [number, number];
  const changeOf = (part: readonly number[]): number => median(part.map((i) => means[i]! - background[i]!));
  if (brightLevel - darkLevel < MIN_SPREAD) return { offset: changeOf(cells), slope: 0 };
  const [darkChange, brightChange] = [changeOf(dark), changeOf(bright)];
  const slope = (brightChange - darkChange) / (brightLevel - darkLevel);
  return { offset: darkChange - slope * darkLevel, slope };
}
