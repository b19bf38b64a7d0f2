import { BARCODE, moodOf, shownFrame, thingsIn, type Rgb, type Thing } from './clip-scene.ts';

/** Size in which frames are drawn, in pixels; ffmpeg scales them up. */
export const DRAWN_WIDTH = 320;
export const DRAWN_HEIGHT = 180;
export const BARCODE_WIDTH = BARCODE.blocks * BARCODE.blockWidth;

const HORIZON = 110;
const SKIES: readonly (readonly [top: Rgb, low: Rgb])[] = [
  [
    [24, 44, 66],
    [196, 130, 90],
  ],
  [
    [30, 62, 60],
    [150, 178, 150],
  ],
  [
    [44, 34, 70],
    [190, 104, 130],
  ],
  [
    [20, 40, 52],
    [120, 150, 170],
  ],
];

/** Draws frame `n` as rgb24 into `out`. */
export function drawFrame(n: number, out: Buffer): void {
  const mood = moodOf(n);
  const shown = shownFrame(n);
  const light = mood.black ? 0.02 : 0.55 + 0.45 * mood.day;
  for (let y = 0; y < DRAWN_HEIGHT; y++)
    for (let x = 0; x < DRAWN_WIDTH; x++) put(out, x, y, y < HORIZON ? skyAt(x, y, mood.scene) : roadAt(x, y, shown), light);
  for (const thing of thingsIn(shown)) drawThing(thing, light, out);
}

/** Draws the number of frame `n` as 8-bit grey into `out`. */
export function drawBarcode(n: number, out: Buffer): void {
  const { blocks, blockWidth, height } = BARCODE;
  for (let block = 0; block < blocks; block++) {
    const on = block === 0 || (block > 1 && ((n >> (blocks - 1 - block)) & 1) === 1);
    for (let y = 0; y < height; y++) {
      const row = y * BARCODE_WIDTH;
      out.fill(on ? 255 : 0, row + block * blockWidth, row + (block + 1) * blockWidth);
    }
  }
}

function skyAt(x: number, y: number, scene: number): Rgb {
  const [top, low] = SKIES[scene % SKIES.length]!;
  const hill = HORIZON - 14 - 10 * Math.sin(x * 0.031 + scene) - 5 * Math.sin(x * 0.09 + 2);
  if (y > hill) return [top[0] * 0.6, top[1] * 0.7 + 6, top[2] * 0.6];
  const lowness = (y / HORIZON) ** 2;
  const mixed = (channel: 0 | 1 | 2): number => top[channel] + (low[channel] - top[channel]) * lowness;
  return [mixed(0), mixed(1), mixed(2)];
}

function roadAt(x: number, y: number, n: number): Rgb {
  const isDash = y > 148 && y < 151 && (x + n * 2) % 46 < 24;
  return isDash ? [180, 176, 150] : [46 + y * 0.06, 50 + y * 0.06, 54 + y * 0.06];
}

function drawThing(thing: Thing, light: number, out: Buffer): void {
  const x0 = Math.round(thing.x * DRAWN_WIDTH);
  const x1 = Math.round((thing.x + thing.width) * DRAWN_WIDTH);
  const y0 = Math.round(thing.y * DRAWN_HEIGHT);
  const y1 = Math.round((thing.y + thing.height) * DRAWN_HEIGHT);
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) {
      const dx = (x - (x0 + x1) / 2) / ((x1 - x0) / 2);
      const dy = (y - (y0 + y1) / 2) / ((y1 - y0) / 2);
      if (dx ** 4 + dy ** 4 <= 1) put(out, x, y, thing.rgb, light * (1 - (0.35 * (dy + 1)) / 2));
    }
}

function put(out: Buffer, x: number, y: number, [red, green, blue]: Rgb, light: number): void {
  const at = (y * DRAWN_WIDTH + x) * 3;
  out[at] = red * light;
  out[at + 1] = green * light;
  out[at + 2] = blue * light;
}
