import type { Frame, JsonObject } from 'vedette/plugin';

const COLOURS = 3;
const ROUNDS = 8;
/** Histogram cells per channel are 16 levels wide: 4096 cells in all. */
const SHIFT = 4;
const CELLS = 1 << (3 * (8 - SHIFT));

interface Cell {
  readonly count: number;
  readonly rgb: readonly [number, number, number];
}

/** A colour of the picture; `share` is the part of the picture nearest to it, 0..1. */
export interface DominantColour extends JsonObject {
  readonly hex: string;
  readonly share: number;
}

/**
 * The picture's three main colours, largest share first: k-means over a histogram of 4096 cells, begun at the most frequent
 * cell and then the ones that stand out most. No chance is involved: the same picture gives the same colours.
 */
export function dominantColours(frame: Frame): DominantColour[] {
  const cells = histogram(frame);
  const total = frame.widthPx * frame.heightPx;
  let centres = firstCentres(cells);
  let weights: number[] = [];
  for (let round = 0; round < ROUNDS; round++) ({ centres, weights } = assign(cells, centres));
  return centres
    .map((rgb, i) => ({ hex: hexOf(rgb), share: Math.round(((weights[i] ?? 0) / total) * 1000) / 1000 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || a.hex.localeCompare(b.hex));
}

function histogram({ data, widthPx, heightPx }: Frame): Cell[] {
  const counts = new Uint32Array(CELLS);
  const sums = new Float64Array(CELLS * 3);
  for (let at = 0; at < widthPx * heightPx * 3; at += 3) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
    const cell = ((red >> SHIFT) << 8) | ((green >> SHIFT) << 4) | (blue >> SHIFT);
    counts[cell]!++;
    sums[cell * 3]! += red;
    sums[cell * 3 + 1]! += green;
    sums[cell * 3 + 2]! += blue;
  }
  const cells: Cell[] = [];
  counts.forEach((count, cell) => {
    if (count > 0) cells.push({ count, rgb: [sums[cell * 3]! / count, sums[cell * 3 + 1]! / count, sums[cell * 3 + 2]! / count] });
  });
  return cells;
}

type Rgb = readonly [number, number, number];

const distance = (a: Rgb, b: Rgb): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

function firstCentres(cells: readonly Cell[]): Rgb[] {
  const centres: Rgb[] = [];
  while (centres.length < Math.min(COLOURS, cells.length)) {
    let best: Cell | undefined;
    let bestWeight = -1;
    for (const cell of cells) {
      const weight = cell.count * (centres.length === 0 ? 1 : Math.min(...centres.map((centre) => distance(centre, cell.rgb))));
      if (weight > bestWeight) [best, bestWeight] = [cell, weight];
    }
    if (best !== undefined) centres.push(best.rgb);
  }
  return centres;
}

function assign(cells: readonly Cell[], centres: readonly Rgb[]): { centres: Rgb[]; weights: number[] } {
  const sums = centres.map(() => [0, 0, 0, 0]);
  for (const { count, rgb } of cells) {
    let nearest = 0;
    for (let i = 1; i < centres.length; i++) if (distance(centres[i]!, rgb) < distance(centres[nearest]!, rgb)) nearest = i;
    const sum = sums[nearest]!;
    for (let channel = 0; channel < 3; channel++) sum[channel]! += rgb[channel]! * count;
    sum[3]! += count;
  }
  return {
    centres: sums.map(([red, green, blue, count], i) => (count ? ([red! / count, green! / count, blue! / count] as const) : centres[i]!)),
    weights: sums.map((sum) => sum[3]!),
  };
}

const hexOf = (rgb: Rgb): string => `#${rgb.map((level) => Math.round(level).toString(16).padStart(2, '0')).join('')}`;
