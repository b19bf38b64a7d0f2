import { describe, expect, it } from 'vitest';
import { cornersOf, grown, leastRect, scaled, type Point } from './quad.js';

const turnedCorners = (degrees: number, length: number, height: number): Point[] => {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
    [0.2, 0.1],
  ].map(([a = 0, b = 0]) => ({
    x: 50 + (a * length * cos) / 2 - (b * height * sin) / 2,
    y: 40 + (a * length * sin) / 2 + (b * height * cos) / 2,
  }));
};

describe(leastRect.name, () => {
  it.each([0, 12, -30, 44])('finds a rectangle that is turned by %d degrees', (degrees) => {
    const rect = leastRect(turnedCorners(degrees, 60, 20))!;
    expect(rect.centre.x).toBeCloseTo(50);
    expect(rect.centre.y).toBeCloseTo(40);
    expect(rect.halfLength).toBeCloseTo(30);
    expect(rect.halfHeight).toBeCloseTo(10);
    expect((Math.atan2(rect.along.y, rect.along.x) * 180) / Math.PI).toBeCloseTo(degrees);
  });

  it('reads what is much higher than long downwards, and what is a little higher from left to right', () => {
    expect(leastRect(turnedCorners(0, 20, 60))!.along.y).toBeCloseTo(1);
    expect(leastRect(turnedCorners(0, 20, 26))!.along.x).toBeCloseTo(1);
    const [first, second] = cornersOf(leastRect(turnedCorners(0, 20, 60))!);
    expect([Math.round(first.x), Math.round(first.y)]).toEqual([60, 10]);
    expect([Math.round(second.x), Math.round(second.y)]).toEqual([60, 70]);
  });

  it('finds none around a point or a line', () => {
    expect(leastRect([{ x: 1, y: 1 }])).toBeUndefined();
    expect(
      leastRect([
        { x: 1, y: 1 },
        { x: 2, y: 2 },
        { x: 3, y: 3 },
      ]),
    ).toBeUndefined();
  });
});

describe(scaled.name, () => {
  it('gives the corners that the picture would have, and grows on every side alike', () => {
    const rect = grown(leastRect(turnedCorners(0, 60, 20))!, 2);
    expect(cornersOf(scaled(rect, 2, 3)).map(({ x, y }) => [Math.round(x), Math.round(y)])).toEqual([
      [36, 84],
      [164, 84],
      [164, 156],
      [36, 156],
    ]);
  });
});
