import { describe, expect, it } from 'vitest';
import { AlignmentTemplate } from './alignment.js';
import { GrayPyramid } from './gray-pyramid.js';
import { affine, apply, cornersOf, inverse, type Homography } from './homography.js';
import type { ReferenceRaster } from './reference-raster.js';

const SIDE_PX = 120;
/** A dark L with a hole and a dot, on light. */
const ink = (u: number, v: number): boolean =>
  (u < -0.2 && u > -0.45 && Math.abs(v) < 0.45) || (v > 0.2 && v < 0.45 && u > -0.45 && u < 0.4) || Math.hypot(u - 0.2, v + 0.2) < 0.16;
const values = Float32Array.from({ length: SIDE_PX ** 2 }, (_, i) => {
  return ink(((i % SIDE_PX) + 0.5) / SIDE_PX - 0.5, (Math.floor(i / SIDE_PX) + 0.5) / SIDE_PX - 0.5) ? 0 : 1;
});
const raster: ReferenceRaster = { widthPx: SIDE_PX, heightPx: SIDE_PX, values, surround: 1, hasMargin: true };
const template = new AlignmentTemplate(raster, 40);

/** The mark under a pose, in a grey picture with some structure of its own. */
function pictureOf(pose: Homography, { dark = 30, light = 200, blur = 0.5 } = {}): GrayPyramid {
  const back = inverse(pose)!;
  const data = new Uint8Array(320 * 240);
  for (let y = 0; y < 240; y++) {
    for (let x = 0; x < 320; x++) {
      let share = 0;
      for (const [dx, dy] of [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ] as const) {
        const { x: u, y: v } = apply(back, x + 0.5 + dx * blur * 0.5, y + 0.5 + dy * blur * 0.5);
        share += ink(u, v) ? 0.25 : 0;
      }
      data[y * 320 + x] = light + 10 * Math.sin(x / 9) + (dark - light) * share;
    }
  }
  return new GrayPyramid({ data, widthPx: 320, heightPx: 240 });
}

const truth = Float64Array.of(70, 9, 160, -5, 62, 118, 0.06, 0.03, 1);
const start = affine(62, 0, 164, 0, 66, 114);
const farthest = (pose: Homography): number =>
  Math.max(
    ...cornersOf(pose, 0.5, 0.5).map(({ x, y }, i) =>
      Math.hypot(x - cornersOf(truth, 0.5, 0.5)[i]!.x, y - cornersOf(truth, 0.5, 0.5)[i]!.y),
    ),
  );

describe(AlignmentTemplate.name, () => {
  it('finds the pose of a slanted mark from a rough one', () => {
    const found = template.align(pictureOf(truth), start, { maxIterations: 15, freedom: 6 });
    const refined = template.align(pictureOf(truth), found!.pose, { maxIterations: 15, freedom: 8 })!;
    expect(farthest(start)).toBeGreaterThan(8);
    expect(farthest(refined.pose)).toBeLessThan(2);
    expect(refined.correlation).toBeGreaterThan(0.95);
  });

  it('does not mind a mark that is light on dark', () => {
    const picture = pictureOf(truth, { dark: 210, light: 60 });
    expect(template.align(picture, start, { maxIterations: 25, freedom: 6 })!.correlation).toBeGreaterThan(0.9);
  });

  it('agrees little with a picture without the mark', () => {
    const elsewhere = pictureOf(affine(60, 0, 60, 0, 60, 60));
    expect(template.align(elsewhere, affine(60, 0, 250, 0, 60, 180), { maxIterations: 15, freedom: 6 })?.correlation ?? 0).toBeLessThan(
      0.6,
    );
  });

  it('has nothing to say of an even picture, or of a pose beyond reason', () => {
    const even = new GrayPyramid({ data: new Uint8Array(320 * 240).fill(90), widthPx: 320, heightPx: 240 });
    expect(template.align(even, start, { maxIterations: 5, freedom: 8 })).toBeUndefined();
    expect(template.align(pictureOf(truth), affine(0.5, 0, 100, 0, 0.5, 100), { maxIterations: 5, freedom: 6 })).toBeUndefined();
    expect(template.align(pictureOf(truth), affine(1e9, 0, 0, 0, 1e9, 0), { maxIterations: 5, freedom: 6 })).toBeUndefined();
  });

  it('tells a crisp mark from a blurred one', () => {
    const [crisp, blurred] = [
      template.clarityAt(pictureOf(truth, { blur: 0.5 }), truth),
      template.clarityAt(pictureOf(truth, { blur: 12 }), truth),
    ];
    expect(crisp).toBeGreaterThan(0.6);
    expect(blurred).toBeLessThan(crisp - 0.15);
  });
});
