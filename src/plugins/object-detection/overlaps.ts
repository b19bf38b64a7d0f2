import type { RawDetection } from './layouts/layout.js';

/** Keeps the best of what overlaps, class by class; best score first. */
export function suppressOverlaps(detections: readonly RawDetection[], maxOverlap: number, limit: number): RawDetection[] {
  const kept: RawDetection[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (kept.length === limit) break;
    if (!kept.some((other) => other.classIndex === candidate.classIndex && overlap(other, candidate) > maxOverlap)) kept.push(candidate);
  }
  return kept;
}

function overlap(a: RawDetection, b: RawDetection): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - shared);
}
