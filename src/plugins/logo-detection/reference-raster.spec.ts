import { describe, expect, it } from 'vitest';
import type { ReferenceImage } from 'vedette/plugin';
import { draw, rastersOf, type ReferenceRaster } from './reference-raster.js';

type Rgba = readonly [number, number, number, number];
const image = (widthPx: number, heightPx: number, at: (x: number, y: number) => Rgba, hasAlpha: boolean): ReferenceImage => ({
  id: 'r',
  subjectId: 'b',
  label: 'b',
  variant: '',
  widthPx,
  heightPx,
  hasAlpha,
  rgba: Uint8Array.from({ length: widthPx * heightPx * 4 }, (_, i) => at((i >> 2) % widthPx, Math.floor((i >> 2) / widthPx))[i & 3]!),
});
const CLEAR: Rgba = [0, 0, 0, 0];
const left = (x: number): boolean => x < 16;

describe(rastersOf.name, () => {
  it('takes the outline of a logo of one colour, dark on light, whatever the colour', () => {
    const looks = rastersOf(image(32, 32, (x) => (left(x) ? [250, 240, 20, 255] : CLEAR), true)) as ReferenceRaster[];
    expect(looks).toHaveLength(1);
    expect(looks[0]).toMatchObject({ surround: 1, hasMargin: true });
    expect([looks[0]!.values[5], looks[0]!.values[25]]).toEqual([0, 1]);
  });

  it('keeps the tones of a logo that has several, as a look of its own', () => {
    const looks = rastersOf(
      image(32, 32, (x, y) => (y > 24 ? CLEAR : left(x) ? [0, 0, 0, 255] : [255, 255, 255, 255]), true),
    ) as ReferenceRaster[];
    expect(looks).toHaveLength(2);
    expect(looks[1]!.values[5]).toBeCloseTo(0);
    expect(looks[1]!.values[25]).toBeCloseTo(1);
  });

  it('takes a cut-out as it is, without a margin', () => {
    const looks = rastersOf(image(32, 32, (x) => (left(x) ? [0, 0, 0, 255] : [200, 200, 200, 255]), false)) as ReferenceRaster[];
    expect(looks).toHaveLength(1);
    expect(looks[0]!.hasMargin).toBe(false);
  });

  it('reduces what is enormous', () => {
    const [look] = rastersOf(image(2000, 1000, (x) => (x < 1000 ? [0, 0, 0, 255] : CLEAR), true)) as ReferenceRaster[];
    expect(look!.widthPx).toBeLessThanOrEqual(512);
    expect(look!.widthPx / look!.heightPx).toBeCloseTo(2);
  });

  it.each([
    ['a dot', image(1, 1, () => [0, 0, 0, 255], true)],
    ['nothing visible', image(40, 40, () => CLEAR, true)],
    ['a solid square', image(40, 40, () => [9, 9, 9, 255], true)],
    ['a blank cut-out', image(40, 40, () => [90, 90, 90, 255], false)],
    ['a line', image(400, 8, (x) => (x % 2 ? CLEAR : [0, 0, 0, 255]), true)],
    ['too few pixels', { ...image(40, 40, () => CLEAR, true), rgba: new Uint8Array(10) }],
    ['sizes that are no numbers', { ...image(8, 8, () => CLEAR, true), widthPx: Number.NaN }],
  ])('says why it cannot use %s', (_, odd) => {
    expect(rastersOf(odd)).toEqual(expect.any(String));
  });
});

describe(draw.name, () => {
  const raster: ReferenceRaster = {
    widthPx: 64,
    heightPx: 64,
    values: Float32Array.from({ length: 4096 }, (_, i) => (i % 64 < 32 ? 0 : 1)),
    surround: 1,
    hasMargin: true,
  };

  it('keeps the centre where it is, at any scale', () => {
    for (const scale of [0.2, 0.33, 0.5, 1]) {
      const canvas = draw(raster, [scale, 0, 0, scale], 64, 64);
      const row = canvas.subarray(32 * 64, 33 * 64);
      expect(row[32 - Math.ceil(10 * scale)]).toBeLessThan(0.3);
      expect(row[32 + Math.ceil(10 * scale)]).toBeGreaterThan(0.7);
    }
  });

  it('turns by its linear map', () => {
    const turned = draw(raster, [0, -1, 1, 0], 64, 64);
    expect(turned[10 * 64 + 32]).toBeCloseTo(0);
    expect(turned[54 * 64 + 32]).toBeCloseTo(1);
  });
});
