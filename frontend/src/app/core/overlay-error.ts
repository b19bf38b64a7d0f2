import type { BoxWire } from '../api/models';
import { boxBetween } from './detection-match';
import { LONGEST_BRIDGE_US, sightOf, type Sample } from './boxes-between';

/** How far boxes that are not of the very frame lie beside what was seen, in pixels of the picture: medians over the last samples. */
export interface OverlayError {
  /** Put between two samples: each held against the way between those around it, which is twice as long as the ways that are drawn. */
  readonly betweenPx: number | null;
  /** Held until the next sample came: by then. */
  readonly heldPx: number | null;
  readonly measured: number;
}

/** Held against what the analyzer itself saw of objects with a track; null where it saw none twice. */
export function overlayError(samples: readonly Sample[], widthPx: number, heightPx: number): OverlayError {
  const between: number[] = [];
  const held: number[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, here, after] = [samples[i - 1]!, samples[i]!, samples[i + 1]];
    for (const seen of here.detections.values()) {
      if (seen.trackId === null) continue;
      const from = sightOf(before, seen.trackId);
      if (from === null || here.ptsUs - before.ptsUs > LONGEST_BRIDGE_US) continue;
      held.push(distancePx(from.box, seen.box, widthPx, heightPx));
      const to = after === undefined || after.ptsUs - before.ptsUs > 2 * LONGEST_BRIDGE_US ? null : sightOf(after, seen.trackId);
      if (to === null) continue;
      const share = (here.ptsUs - before.ptsUs) / (after!.ptsUs - before.ptsUs);
      between.push(distancePx(boxBetween(from.box, to.box, share), seen.box, widthPx, heightPx));
    }
  }
  return { betweenPx: median(between), heldPx: median(held), measured: between.length };
}

/** Of the middles. */
function distancePx(a: BoxWire, b: BoxWire, widthPx: number, heightPx: number): number {
  return Math.hypot((a.x + a.width / 2 - b.x - b.width / 2) * widthPx, (a.y + a.height / 2 - b.y - b.height / 2) * heightPx);
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return values[values.length >> 1]!;
}
