import type { BoxWire, DetectionWire } from '../api/models';

/** Boxes of one thing in neighbouring samples differ in size by less. */
const LARGEST_GROWTH = 2.5;
/** What is small may leave its own box between two samples: up to so many times its longer side. */
const LONGEST_STEP = 2;

/**
 * Pairs what was seen in one analysed frame with what was seen in the next: by track where the analyzer tracks, else by label and
 * place. What has no plausible partner (it left, it came, the scene was cut) gets none, so that nothing glides across the picture.
 */
export function matchDetections(
  before: readonly DetectionWire[],
  after: readonly DetectionWire[],
): ReadonlyMap<DetectionWire, DetectionWire> {
  const pairs: { from: DetectionWire; to: DetectionWire; nearness: number }[] = [];
  for (const from of before) {
    for (const to of after) {
      const nearness = nearnessOf(from, to);
      if (nearness !== null) pairs.push({ from, to, nearness });
    }
  }
  pairs.sort((a, b) => b.nearness - a.nearness);
  const matched = new Map<DetectionWire, DetectionWire>();
  const taken = new Set<DetectionWire>();
  for (const { from, to } of pairs) {
    if (matched.has(from) || taken.has(to)) continue;
    matched.set(from, to);
    taken.add(to);
  }
  return matched;
}

/** The box between two, `share` of the way from the first to the second. */
export function boxBetween(from: BoxWire, to: BoxWire, share: number): BoxWire {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), width: mix(from.width, to.width), height: mix(from.height, to.height) };
}

/** Greater is nearer: a shared track is above any overlap, an overlap (0..1) above any distance (negative); null is no match. */
function nearnessOf(from: DetectionWire, to: DetectionWire): number | null {
  if (from.label !== to.label) return null;
  if (from.trackId !== null && to.trackId !== null) return from.trackId === to.trackId ? 2 : null;
  const a = from.box;
  const b = to.box;
  if (grew(a.width, b.width) || grew(a.height, b.height)) return null;
  const overlap = iou(a, b);
  if (overlap > 0) return overlap;
  const reach = Math.max(a.width, a.height, b.width, b.height);
  const distance = Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
  return distance <= reach * LONGEST_STEP ? -distance : null;
}

function grew(a: number, b: number): boolean {
  return Math.max(a, b) > Math.min(a, b) * LARGEST_GROWTH;
}

/** 0 (apart) to 1 (the same). */
export function iou(a: BoxWire, b: BoxWire): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
