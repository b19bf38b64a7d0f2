import { describe, expect, it } from 'vitest';
import { affine, apply, areaOf, boundsOf, compose, cornersOf, inverse, isConvex, overlapOf, shareWithin } from './homography.js';

const slanted = Float64Array.of(1.2, 0.3, 40, -0.2, 0.9, 25, 0.05, -0.03, 1);

describe('homography', () => {
  it('undoes itself by its inverse', () => {
    const back = apply(compose(inverse(slanted)!, slanted), 0.7, -1.3);
    expect(back.x).toBeCloseTo(0.7, 9);
    expect(back.y).toBeCloseTo(-1.3, 9);
  });

  it('composes as one map after the other', () => {
    const inner = apply(affine(2, 0, 1, 0, 2, -1), 0.2, 0.4);
    const [outer, both] = [apply(slanted, inner.x, inner.y), apply(compose(slanted, affine(2, 0, 1, 0, 2, -1)), 0.2, 0.4)];
    expect(both.x).toBeCloseTo(outer.x, 9);
    expect(both.y).toBeCloseTo(outer.y, 9);
  });

  it('has no inverse where it flattens the plane', () => {
    expect(inverse(affine(1, 2, 0, 2, 4, 0))).toBeUndefined();
  });

  it('knows a box from its mirror image and from a folded one', () => {
    const upright = cornersOf(affine(10, 0, 50, 0, 10, 50), 1, 0.5);
    expect(areaOf(upright)).toBeCloseTo(200);
    expect(boundsOf(upright)).toEqual({ x0: 40, y0: 45, x1: 60, y1: 55 });
    expect(isConvex(upright)).toBe(true);
    expect(areaOf(cornersOf(affine(-10, 0, 50, 0, 10, 50), 1, 0.5))).toBeCloseTo(-200);
    expect(isConvex([upright[0], upright[2], upright[1], upright[3]])).toBe(false);
  });

  it('measures how boxes share their area', () => {
    const [a, b] = [
      { x0: 0, y0: 0, x1: 10, y1: 10 },
      { x0: 5, y0: 0, x1: 10, y1: 10 },
    ];
    expect(overlapOf(a, b)).toBeCloseTo(0.5);
    expect(shareWithin(b, a)).toBe(1);
    expect(shareWithin(a, b)).toBeCloseTo(0.5);
    expect(overlapOf(a, { x0: 20, y0: 0, x1: 30, y1: 10 })).toBe(0);
  });
});
