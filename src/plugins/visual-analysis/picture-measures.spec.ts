import { describe, expect, it } from 'vitest';
import type { Frame } from 'vedette/plugin';
import { dominantColours } from './dominant-colours.js';
import { largestChange, meanChange, PictureMeter, TILE_COLUMNS, TILE_ROWS } from './picture-measures.js';

type Rgb = readonly [number, number, number];

function picture(at: (x: number, y: number) => Rgb, widthPx = 320, heightPx = 180): Frame {
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) data.set(at(x, y), (y * widthPx + x) * 3);
  return { widthPx, heightPx, data, format: 'rgb24', ptsUs: 0, index: 0, keyframe: true } as Frame;
}
const plain = (...rgb: Rgb): Frame => picture(() => rgb);
const measure = (frame: Frame) => new PictureMeter().measure(frame, 0.1);
const grey = (level: number): Rgb => [level, level, level];

describe(PictureMeter.name, () => {
  it('calls white 1 and black 0', () => {
    expect(measure(plain(255, 255, 255)).brightness).toBeCloseTo(1, 2);
    expect(measure(plain(0, 0, 0)).brightness).toBe(0);
  });

  it('weighs colours as eyes do (BT.709)', () => {
    expect(measure(plain(255, 0, 0)).brightness).toBeCloseTo(0.2126, 2);
    expect(measure(plain(0, 255, 0)).brightness).toBeCloseTo(0.7152, 2);
    expect(measure(plain(0, 0, 255)).brightness).toBeCloseTo(0.0722, 2);
  });

  it('finds no contrast in one colour and all of it in half black, half white', () => {
    expect(measure(plain(90, 90, 90))).toMatchObject({ contrast: 0, sharpness: 0 });
    expect(measure(picture((x) => grey(x < 160 ? 0 : 255))).contrast).toBeCloseTo(1, 2);
  });

  it('finds a fine pattern sharper than a coarse one, and that sharper than a gradient', () => {
    const sharpness = (at: (x: number, y: number) => Rgb): number => measure(picture(at)).sharpness;
    const [fine, coarse, gradient] = [
      sharpness((x, y) => grey((x + y) % 2 ? 200 : 50)),
      sharpness((x) => grey(x % 32 < 16 ? 50 : 200)),
      sharpness((x) => grey((x * 255) / 320)),
    ];
    expect(fine).toBeGreaterThan(coarse);
    expect(coarse).toBeGreaterThan(gradient);
    expect(gradient).toBeLessThan(0.01);
    expect(fine).toBeLessThanOrEqual(1);
  });

  it('counts black pixels', () => {
    expect(measure(picture((x) => grey(x < 80 ? 10 : 200))).blackShare).toBeCloseTo(0.25, 5);
  });

  it('averages the picture in tiles, whatever its size', () => {
    for (const [width, height] of [
      [320, 180],
      [240, 180],
      [33, 19],
      [64, 36],
      [1, 1],
    ] as const) {
      const { tiles } = measure(picture((x) => grey(x < width / 2 ? 0 : 250), width, height));
      expect(tiles).toHaveLength(TILE_COLUMNS * TILE_ROWS);
    }
    const { tiles } = measure(picture((x) => grey(x < 160 ? 0 : 250)));
    expect([tiles[0], tiles[31], tiles[32], tiles[63]]).toEqual([0, 0, 250, 250]);
  });
});

describe(meanChange.name, () => {
  it('goes from 0 for the same picture to 1 from black to white', () => {
    const [black, white] = [measure(plain(0, 0, 0)).tiles, measure(plain(255, 255, 255)).tiles];
    expect(meanChange(black, black)).toBe(0);
    expect(meanChange(black, white)).toBeGreaterThan(0.99);
  });

  it('is the moved part of the picture, where the largest change is how far it went', () => {
    const a = measure(plain(0, 0, 0)).tiles;
    const b = measure(picture((x, y) => (x < 5 && y < 5 ? grey(255) : grey(0)))).tiles;
    expect(meanChange(a, b)).toBeCloseTo(1 / (64 * 36), 4);
    expect(largestChange(a, b)).toBeGreaterThan(0.99);
  });
});

describe(dominantColours.name, () => {
  it('names the colours of a flag, largest first', () => {
    const flag = picture((x) => (x < 160 ? [200, 0, 0] : x < 256 ? [255, 255, 255] : [0, 0, 150]));
    expect(dominantColours(flag)).toEqual([
      { hex: '#c80000', share: 0.5 },
      { hex: '#ffffff', share: 0.3 },
      { hex: '#000096', share: 0.2 },
    ]);
  });

  it('names one colour where there is one', () => {
    expect(dominantColours(plain(1, 2, 3))).toEqual([{ hex: '#010203', share: 1 }]);
  });

  it('does not change its mind over noise', () => {
    const noisy = (seed: number): Frame =>
      picture((x, y) => (x < 200 ? grey(40 + ((x * 7 + y * 13 + seed) % 5)) : [220, 120 + ((x + y * 3 + seed) % 5), 10]));
    const [first, second] = [dominantColours(noisy(0)), dominantColours(noisy(3))];
    expect(second.map(({ share }) => share)).toEqual(first.map(({ share }) => expect.closeTo(share, 1)));
  });
});
