import type { Frame } from 'vedette/plugin';

export const COLOUR_COLUMNS = 32;
export const COLOUR_ROWS = 18;
const TILES = COLOUR_COLUMNS * COLOUR_ROWS;

/** Mean colour of each of 32x18 tiles, three bytes each, row by row; small pictures repeat pixels. */
export function colourTiles({ data, widthPx, heightPx }: Frame): Uint8Array {
  const tiles = new Uint8Array(TILES * 3);
  for (let row = 0; row < COLOUR_ROWS; row++) {
    const top = Math.floor((row * heightPx) / COLOUR_ROWS);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * heightPx) / COLOUR_ROWS));
    for (let column = 0; column < COLOUR_COLUMNS; column++) {
      const left = Math.floor((column * widthPx) / COLOUR_COLUMNS);
      const right = Math.max(left + 1, Math.floor(((column + 1) * widthPx) / COLOUR_COLUMNS));
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = top; y < bottom; y++) {
        for (let at = (y * widthPx + left) * 3; at < (y * widthPx + right) * 3; at += 3) {
          red += data[at]!;
          green += data[at + 1]!;
          blue += data[at + 2]!;
        }
      }
      const pixels = (bottom - top) * (right - left);
      const at = (row * COLOUR_COLUMNS + column) * 3;
      tiles[at] = Math.round(red / pixels);
      tiles[at + 1] = Math.round(green / pixels);
      tiles[at + 2] = Math.round(blue / pixels);
    }
  }
  return tiles;
}

/** Mean colour of the tiles, and how far any tile's component is from it at most, in levels. */
export function spread(tiles: Uint8Array): { readonly mean: readonly [number, number, number]; readonly largest: number } {
  const mean = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < tiles.length; at += 3) sum += tiles[at]!;
    return sum / TILES;
  }) as [number, number, number];
  let largest = 0;
  for (let at = 0; at < tiles.length; at++) largest = Math.max(largest, Math.abs(tiles[at]! - mean[at % 3]!));
  return { mean, largest };
}
