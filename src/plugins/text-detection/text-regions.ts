import { grown, leastRect, type Point, type TurnedRect } from './quad.js';

/** Probability of text, pixel by pixel, row by row. */
export interface ProbabilityMap {
  readonly data: Float32Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A line of text in pixels of the map. */
export interface MapRegion {
  readonly rect: TurnedRect;
  /** Mean probability within the rectangle before it was grown. */
  readonly score: number;
}

/** Probability from which a pixel is text: the network was trained to make its map binary there. */
const TEXT_PROBABILITY = 0.3;
/** Lines less high than this, in pixels of the map, cannot be read. */
const LEAST_SIDE_PX = 3;
/** Beyond this many, a map is of no picture with text. */
const MAX_REGIONS = 1_000;

/**
 * Lines of text in the map of a network with differentiable binarisation (Liao et al., Real-time Scene Text Detection with
 * Differentiable Binarization, AAAI 2020): connected pixels above a threshold, the rectangle of least area around them, and its sides
 * moved outwards, since the network learns text shrunk by Vatti's clipping: by area * ratio / perimeter.
 * @param growth that ratio
 * @returns best first
 */
export function textRegions(map: ProbabilityMap, minScore: number, growth: number): MapRegion[] {
  const regions: MapRegion[] = [];
  for (const outline of outlinesIn(map)) {
    const rect = leastRect(outline);
    if (rect === undefined || 2 * Math.min(rect.halfLength, rect.halfHeight) < LEAST_SIDE_PX) continue;
    const score = meanWithin(map, rect);
    if (score < minScore) continue;
    const { halfLength, halfHeight } = rect;
    regions.push({ rect: grown(rect, (growth * halfLength * halfHeight) / (halfLength + halfHeight)), score });
    if (regions.length === MAX_REGIONS) break;
  }
  return regions.sort((a, b) => b.score - a.score);
}

/** For each 8-connected patch of text, the corners of the first and last pixel of each of its rows. */
function* outlinesIn({ data, widthPx, heightPx }: ProbabilityMap): Generator<Point[]> {
  const isSeen = new Uint8Array(data.length);
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (isSeen[start] === 1 || data[start]! <= TEXT_PROBABILITY) continue;
    const rows = new Map<number, [left: number, right: number]>();
    isSeen[start] = 1;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
      const row = rows.get(y);
      if (row === undefined) rows.set(y, [x, x]);
      else if (x < row[0]) row[0] = x;
      else if (x > row[1]) row[1] = x;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(heightPx - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(widthPx - 1, x + 1); nx++) {
          const next = ny * widthPx + nx;
          if (isSeen[next] === 1 || data[next]! <= TEXT_PROBABILITY) continue;
          isSeen[next] = 1;
          stack.push(next);
        }
      }
    }
    yield [...rows].flatMap(([y, [left, right]]) => [
      { x: left, y },
      { x: right + 1, y },
      { x: left, y: y + 1 },
      { x: right + 1, y: y + 1 },
    ]);
  }
}

function meanWithin({ data, widthPx, heightPx }: ProbabilityMap, { centre, along, halfLength, halfHeight }: TurnedRect): number {
  const reachX = Math.abs(along.x) * halfLength + Math.abs(along.y) * halfHeight;
  const reachY = Math.abs(along.y) * halfLength + Math.abs(along.x) * halfHeight;
  let [sum, count] = [0, 0];
  for (let y = Math.max(0, Math.floor(centre.y - reachY)); y < Math.min(heightPx, centre.y + reachY); y++) {
    for (let x = Math.max(0, Math.floor(centre.x - reachX)); x < Math.min(widthPx, centre.x + reachX); x++) {
      const [dx, dy] = [x + 0.5 - centre.x, y + 0.5 - centre.y];
      if (Math.abs(dx * along.x + dy * along.y) > halfLength || Math.abs(dy * along.x - dx * along.y) > halfHeight) continue;
      sum += data[y * widthPx + x]!;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
