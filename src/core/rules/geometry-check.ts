import { ruleError } from '../errors/rule.errors.js';
import { doubleArea, edges } from './geometry.js';
import type { Point01, RuleKind } from './rule.js';

const MAX_POINTS = 64;
/** A millionth of the frame's area: less is no zone but a slip of the hand. */
const MIN_AREA = 1e-6;
const MIN_LENGTH = 1e-3;

/**
 * Lets only shapes through that mean something: points of the frame, a simple polygon of some area, a line of some length that
 * does not cross itself.
 * @throws VD_RULE_GEOMETRY saying what is wrong with which point
 */
export function checkGeometry(kind: RuleKind, points: readonly Point01[]): void {
  const isClosed = kind !== 'line';
  const [least, shape] = isClosed ? [3, 'A polygon'] : [2, 'A line'];
  if (points.length < least || points.length > MAX_POINTS) refuse(`${shape} has ${least} to ${MAX_POINTS} points, not ${points.length}`);
  points.forEach((point, index) => {
    if (point.length !== 2 || !point.every((value) => Number.isFinite(value) && value >= 0 && value <= 1)) {
      refuse(`points[${index}] is ${JSON.stringify(point)}, not two numbers within 0..1 of the frame`);
    }
  });
  const sides = edges(points, isClosed);
  sides.forEach(([from, to], index) => {
    if (from[0] === to[0] && from[1] === to[1])
      refuse(`points[${index}] and the next are the same point${isClosed ? '; the polygon closes by itself' : ''}`);
  });
  for (let i = 0; i < sides.length; i++) {
    for (let j = i + 1; j < sides.length; j++) {
      const isNext = j === i + 1 || (isClosed && i === 0 && j === sides.length - 1);
      if (isNext ? turnsBack(sides[i]!, sides[j]!) : touch(sides[i]!, sides[j]!))
        refuse(`The side after points[${j}] meets the side after points[${i}]`);
    }
  }
  if (isClosed && Math.abs(doubleArea(points)) / 2 < MIN_AREA) refuse('The polygon has no area');
  const length = sides.reduce((sum, [from, to]) => sum + Math.hypot(to[0] - from[0], to[1] - from[1]), 0);
  if (length < MIN_LENGTH) refuse('The line is too short');
}

type Side = readonly [Point01, Point01];

const turn = ([ax, ay]: Point01, [bx, by]: Point01, [cx, cy]: Point01): number => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
const within = ([ax, ay]: Point01, [bx, by]: Point01, [x, y]: Point01): boolean =>
  x >= Math.min(ax, bx) && x <= Math.max(ax, bx) && y >= Math.min(ay, by) && y <= Math.max(ay, by);

function touch([a, b]: Side, [c, d]: Side): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (abc !== abd && cda !== cdb) return true;
  return (
    (abc === 0 && within(a, b, c)) || (abd === 0 && within(a, b, d)) || (cda === 0 && within(c, d, a)) || (cdb === 0 && within(c, d, b))
  );
}

/** Neighbours share a point; they meet elsewhere only if one runs back along the other. */
function turnsBack([a, b]: Side, [c, d]: Side): boolean {
  const shared = b === c ? b : a;
  const [one, other] = shared === b ? [a, d] : [b, c];
  const dot = (one[0] - shared[0]) * (other[0] - shared[0]) + (one[1] - shared[1]) * (other[1] - shared[1]);
  return turn(one, shared, other) === 0 && dot > 0;
}

function refuse(detail: string): never {
  throw ruleError('VD_RULE_GEOMETRY', detail);
}
