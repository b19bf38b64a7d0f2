import { describe, expect, it } from 'vitest';
import { readFrameIndex } from '../../../test/fixtures/barcode-plugin.js';
import type { FitTransform, Frame } from '../plugin-api/index.js';
import { BARCODE_STRIP, barcodeCells, MAX_BARCODE_INDEX, readBarcode } from './barcode.js';

interface Painting {
  readonly format?: Frame['format'];
  readonly fit?: Partial<FitTransform>;
  readonly white?: number;
  readonly black?: number;
  readonly noise?: number;
}

function paint(
  index: number,
  widthPx: number,
  heightPx: number,
  { format = 'gray8', fit: partial = {}, white = 235, black = 16, noise = 0 }: Painting = {},
): Frame {
  const fit = {
    frameWidthPx: widthPx,
    frameHeightPx: heightPx,
    offsetXPx: 0,
    offsetYPx: 0,
    contentWidthPx: widthPx,
    contentHeightPx: heightPx,
    ...partial,
  };
  const channels = format === 'rgb24' ? 3 : 1;
  const data = new Uint8Array(widthPx * heightPx * channels).fill(110);
  const cells = barcodeCells(index);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const u = ((x + 0.5 - fit.offsetXPx) / fit.contentWidthPx - BARCODE_STRIP.x) / BARCODE_STRIP.width;
      const v = ((y + 0.5 - fit.offsetYPx) / fit.contentHeightPx - BARCODE_STRIP.y) / BARCODE_STRIP.height;
      if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
      const level = (cells[Math.floor(u * cells.length)] ? white : black) + (((x * 31 + y * 17) % 7) - 3) * noise;
      data.fill(Math.max(0, Math.min(255, level)), (y * widthPx + x) * channels, (y * widthPx + x + 1) * channels);
    }
  }
  return { ptsUs: 0, index: 0, keyframe: true, widthPx, heightPx, format, data, fit };
}

describe(readBarcode.name, () => {
  it.each([0, 1, 2, 255, 256, 1500, 65_535, 65_536, 524_287, MAX_BARCODE_INDEX])('reads back frame %i', (index) => {
    expect(readBarcode(paint(index, 640, 360))).toBe(index);
  });

  it.each([
    ['small', paint(1234, 160, 90)],
    ['in colour', paint(1234, 320, 180, { format: 'rgb24' })],
    ['letterboxed', paint(1234, 320, 320, { fit: { offsetYPx: 70, contentHeightPx: 180 } })],
    ['pale', paint(1234, 320, 180, { white: 170, black: 90 })],
    ['noisy', paint(1234, 320, 180, { noise: 12 })],
  ])('reads it %s', (_, frame) => {
    expect(readBarcode(frame)).toBe(1234);
  });

  it('finds none in a picture without one', () => {
    expect(readBarcode({ ...paint(5, 320, 180), data: new Uint8Array(320 * 180).fill(128) })).toBeNull();
  });

  it('does not trust a number with a wrong cell', () => {
    const frame = paint(1234, 320, 180);
    const cellPx = (BARCODE_STRIP.width * 320) / 26;
    const left = Math.round(BARCODE_STRIP.x * 320 + 20 * cellPx);
    for (let y = 0; y < 180; y++) for (let x = left; x < left + cellPx; x++) frame.data[y * 320 + x] = 255 - frame.data[y * 320 + x]!;
    expect(readBarcode(frame)).toBeNull();
  });

  it('refuses numbers it has no room for', () => {
    expect(() => barcodeCells(MAX_BARCODE_INDEX + 1)).toThrow(RangeError);
    expect(() => barcodeCells(-1)).toThrow(RangeError);
  });

  it('is read the same by the barcode analyzer of the tests', () => {
    for (let index = 0; index < 5000; index += 37) {
      const frame = paint(index, 320, 180);
      expect(readFrameIndex(frame)).toBe(index);
      expect(readBarcode(frame)).toBe(index);
    }
    expect(readFrameIndex({ ...paint(5, 320, 180), data: new Uint8Array(320 * 180) })).toBeNull();
  });
});
