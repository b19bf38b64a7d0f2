import type { Box01 } from '../plugin-api/index.js';
import type { Anchor, Point01 } from './rule.js';

/** Plane geometry on the displayed frame. Lengths are in frame widths and heights: a margin is not the same in both directions. */

/** Coordinates are kept to a millionth of the frame, so that a state that was stored is exactly the one that was not. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Stored boxes have single precision; live ones are brought to it, so that both are judged alike. */
export function storedBox(box: Box01): Box01 {
  return { x: Math.fround(box.x), y: Math.fround(box.y), width: Math.fround(box.width), height: Math.fround(box.height) };
}

export function anchorOf(box: Box01, anchor: Anchor): Point01 {
  return [round(box.x + box.width / 2), round(anchor === 'bottom' ? box.y + box.height : box.y + box.height / 2)];
}

/** Even-odd rule; an edge belongs to the inside that lies right of or below it, so that zones side by side share no point. */
export function isInside([x, y]: Point01, polygon: readonly Point01[]): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i]!;
    const [xj, yj] = polygon[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Distance to the nearest point of the path; of the closed one if `isClosed`. */
export function distanceTo([x, y]: Point01, path: readonly Point01[], isClosed: boolean): number {
  let least = Infinity;
  for (const [[x0, y0], [x1, y1]] of edges(path, isClosed)) {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const lengthSquared = dx * dx + dy * dy;
    const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / lengthSquared));
    least = Math.min(least, Math.hypot(x - x0 - along * dx, y - y0 - along * dy));
  }
  return least;
}

export function edges(path: readonly Point01[], isClosed: boolean): [Point01, Point01][] {
  const open = path.slice(1).map((point, index): [Point01, Point01] => [path[index]!, point]);
  return isClosed ? [...open, [path.at(-1)!, path[0]!]] : open;
}

/** Twice the signed area; positive when the points run clockwise on the screen. */
export function doubleArea(polygon: readonly Point01[]): number {
  return edges(polygon, true).reduce((sum, [[x0, y0], [x1, y1]]) => sum + x0 * y1 - x1 * y0, 0);
}

/** Share of the box that lies within the polygon, 0..1. */
export function shareInside(box: Box01, polygon: readonly Point01[]): number {
  const area = box.width * box.height;
  if (area <= 0) return 0;
  // Cutting the polygon by the box (Sutherland-Hodgman): the box is convex, so overlapping edges of the cut cancel out in its area.
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  let cut = polygon;
  cut = clip(cut, ([x]) => x - box.x);
  cut = clip(cut, ([x]) => right - x);
  cut = clip(cut, ([, y]) => y - box.y);
  cut = clip(cut, ([, y]) => bottom - y);
  return cut.length < 3 ? 0 : Math.min(1, Math.abs(doubleArea(cut)) / 2 / area);
}

function clip(polygon: readonly Point01[], depth: (point: Point01) => number): Point01[] {
  const kept: Point01[] = [];
  for (const [from, to] of polygon.length < 2 ? [] : edges(polygon, true)) {
    const [a, b] = [depth(from), depth(to)];
    if (a >= 0) kept.push(from);
    if (a >= 0 !== b >= 0) kept.push([from[0] + ((to[0] - from[0]) * a) / (a - b), from[1] + ((to[1] - from[1]) * a) / (a - b)]);
  }
  return kept;
}

/** A step over a line: +1 from its left to its right as one walks along it on the screen, -1 the other way; `along` 0..1 of the step. */
export interface Crossing {
  readonly direction: 1 | -1;
  readonly along: number;
}

/**
 * Where the step from `from` to `to` crosses the path, in order. A point on the line counts as right of it; a joint belongs to the
 * edge it begins.
 */
export function crossings(from: Point01, to: Point01, path: readonly Point01[]): Crossing[] {
  const found: Crossing[] = [];
  const all = edges(path, false);
  all.forEach(([start, end], index) => {
    const [before, after] = [side(start, end, from), side(start, end, to)];
    if (before >= 0 === after >= 0) return;
    const along = before / (before - after);
    const [x, y] = [from[0] + (to[0] - from[0]) * along, from[1] + (to[1] - from[1]) * along];
    const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
    const position = ((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy);
    if (position < 0 || (index === all.length - 1 ? position > 1 : position >= 1)) return;
    found.push({ direction: after >= 0 ? 1 : -1, along });
  });
  return found.sort((a, b) => a.along - b.along);
}

/** Positive right of the line from `start` to `end` as seen on the screen, whose y grows downwards. */
const side = (start: Point01, end: Point01, [x, y]: Point01): number =>
  (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0]);
