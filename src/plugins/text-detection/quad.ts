export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle that may be turned: corners as its text is read, from the first line's beginning clockwise. Pixels. */
export type Quad = readonly [Point, Point, Point, Point];

/** A turned rectangle by its centre, the unit vector along its text, and half its sides. */
export interface TurnedRect {
  readonly centre: Point;
  readonly along: Point;
  readonly halfLength: number;
  readonly halfHeight: number;
}

/** From this ratio of height to length on, a line is taken to run downwards, its letters turned clockwise. */
const UPRIGHT_RATIO = 1.5;

/** The rectangle of least area around points, by one of the hull's edges (Freeman and Shapira, 1975); undefined for fewer than three. */
export function leastRect(points: readonly Point[]): TurnedRect | undefined {
  const hull = convexHull(points);
  if (hull.length < 3) return undefined;
  let best: TurnedRect | undefined;
  let leastArea = Infinity;
  hull.forEach((from, i) => {
    const to = hull[(i + 1) % hull.length]!;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
    let [a0, a1, b0, b1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y } of hull) {
      const a = x * along.x + y * along.y;
      const b = y * along.x - x * along.y;
      [a0, a1, b0, b1] = [Math.min(a0, a), Math.max(a1, a), Math.min(b0, b), Math.max(b1, b)];
    }
    const area = (a1 - a0) * (b1 - b0);
    if (area >= leastArea) return;
    leastArea = area;
    const [a, b] = [(a0 + a1) / 2, (b0 + b1) / 2];
    const centre = { x: a * along.x - b * along.y, y: a * along.y + b * along.x };
    best = asRead({ centre, along, halfLength: (a1 - a0) / 2, halfHeight: (b1 - b0) / 2 });
  });
  return best;
}

/** Moves every side outwards by the same distance. */
export const grown = (rect: TurnedRect, by: number): TurnedRect => ({
  ...rect,
  halfLength: rect.halfLength + by,
  halfHeight: rect.halfHeight + by,
});

/** In a picture whose sides are longer by these factors. Sides that grow unlike each other shear a turned rectangle; it stays one here. */
export function scaled({ centre, along, halfLength, halfHeight }: TurnedRect, byX: number, byY: number): TurnedRect {
  const u = { x: along.x * byX, y: along.y * byY };
  const stretch = Math.hypot(u.x, u.y);
  const across = Math.hypot(along.y * byX, along.x * byY);
  return {
    centre: { x: centre.x * byX, y: centre.y * byY },
    along: { x: u.x / stretch, y: u.y / stretch },
    halfLength: halfLength * stretch,
    halfHeight: halfHeight * across,
  };
}

export function cornersOf({ centre, along, halfLength, halfHeight }: TurnedRect): Quad {
  const at = (a: number, b: number): Point => ({
    x: centre.x + a * halfLength * along.x - b * halfHeight * along.y,
    y: centre.y + a * halfLength * along.y + b * halfHeight * along.x,
  });
  return [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)];
}

/** Turned so that `along` is where its text most likely runs: to the right, or downwards where it is much higher than long. */
function asRead(rect: TurnedRect): TurnedRect {
  const { along, halfLength, halfHeight } = rect;
  const isLevel = Math.abs(along.x) >= Math.abs(along.y);
  const level = isLevel ? rect : { ...rect, along: { x: -along.y, y: along.x }, halfLength: halfHeight, halfHeight: halfLength };
  const rightwards = level.along.x < 0 ? { ...level, along: { x: -level.along.x, y: -level.along.y } } : level;
  if (rightwards.halfHeight < UPRIGHT_RATIO * rightwards.halfLength) return rightwards;
  const { along: right } = rightwards;
  return { ...rightwards, along: { x: -right.y, y: right.x }, halfLength: rightwards.halfHeight, halfHeight: rightwards.halfLength };
}

/** By Andrew's monotone chain, 1979; points on its edges are left out. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of ordered) {
      while (chain.length >= 2 && turn(chain[chain.length - 2]!, chain[chain.length - 1]!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

const turn = (a: Point, b: Point, c: Point): number => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
