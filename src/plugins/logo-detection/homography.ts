/** A plane's projective map, row by row, as nine numbers: (u, v) to (x, y). */
export type Homography = Float64Array;

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Corners {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** x = a u + b v + x0, y = c u + d v + y0. */
export const affine = (a: number, b: number, x0: number, c: number, d: number, y0: number): Homography =>
  Float64Array.of(a, b, x0, c, d, y0, 0, 0, 1);

/** First `second`, then `first`. */
export function compose(first: Homography, second: Homography): Homography {
  const out = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += first[row * 3 + k]! * second[k * 3 + column]!;
      out[row * 3 + column] = sum;
    }
  }
  return normalised(out);
}

/** Undefined where the map has no inverse. */
export function inverse(h: Homography): Homography | undefined {
  const [a, b, c, d, e, f, g, i, j] = h as unknown as [number, number, number, number, number, number, number, number, number];
  const determinant = a * (e * j - f * i) - b * (d * j - f * g) + c * (d * i - e * g);
  if (!(Math.abs(determinant) > 1e-12)) return undefined;
  const out = Float64Array.of(
    e * j - f * i,
    c * i - b * j,
    b * f - c * e,
    f * g - d * j,
    a * j - c * g,
    c * d - a * f,
    d * i - e * g,
    b * g - a * i,
    a * e - b * d,
  );
  return normalised(out.map((value) => value / determinant));
}

export function apply(h: Homography, u: number, v: number): Point {
  const w = h[6]! * u + h[7]! * v + h[8]!;
  return { x: (h[0]! * u + h[1]! * v + h[2]!) / w, y: (h[3]! * u + h[4]! * v + h[5]!) / w };
}

function normalised(h: Homography): Homography {
  const w = h[8]!;
  return w === 0 || w === 1 ? h : h.map((value) => value / w);
}

/** Where the corners of [-halfU, halfU] x [-halfV, halfV] come to lie: top left, top right, bottom right, bottom left. */
export function cornersOf(h: Homography, halfU: number, halfV: number): readonly [Point, Point, Point, Point] {
  return [apply(h, -halfU, -halfV), apply(h, halfU, -halfV), apply(h, halfU, halfV), apply(h, -halfU, halfV)];
}

export function boundsOf(points: readonly Point[]): Corners {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

/** Signed area: positive where the corners still go round as they did. */
export function areaOf(points: readonly Point[]): number {
  return points.reduce((sum, { x, y }, i) => {
    const next = points[(i + 1) % points.length]!;
    return sum + (x * next.y - y * next.x) / 2;
  }, 0);
}

export function isConvex(points: readonly Point[]): boolean {
  return points.every((a, i) => {
    const b = points[(i + 1) % points.length]!;
    const c = points[(i + 2) % points.length]!;
    return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0;
  });
}

/** Intersection over union. */
export function overlapOf(a: Corners, b: Corners): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / (boxArea(a) + boxArea(b) - shared);
}

/** How much of the first lies within the second. */
export function shareWithin(a: Corners, b: Corners): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / boxArea(a);
}

const boxArea = ({ x0, y0, x1, y1 }: Corners): number => (x1 - x0) * (y1 - y0);

function sharedArea(a: Corners, b: Corners): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return width <= 0 || height <= 0 ? 0 : width * height;
}
