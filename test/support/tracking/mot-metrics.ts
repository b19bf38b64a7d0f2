import { Box, type Box01 } from '../../../src/core/plugin-api/index.js';

export interface MotFrame {
  readonly truth: readonly { readonly identity: number; readonly box: Box01 }[];
  readonly tracked: readonly { readonly trackId: string; readonly box: Box01 }[];
}

export interface MotScore {
  /** 1 - (misses + false alarms + identity switches) / true boxes (Bernardin and Stiefelhagen, 2008). */
  readonly mota: number;
  /** Share of boxes under the identity that suits best, over the whole sequence (Ristani et al., 2016). */
  readonly idf1: number;
  readonly switches: number;
  readonly misses: number;
  readonly falseAlarms: number;
  readonly boxes: number;
}

/** CLEAR MOT and identity measures at an overlap of 0.5. Written apart from the tracker, so that the two share no mistake. */
export function motScore(frames: readonly MotFrame[], minIou = 0.5): MotScore {
  const partner = new Map<number, string>();
  const together = new Map<number, Map<string, number>>();
  let [switches, misses, falseAlarms, boxes, hypotheses] = [0, 0, 0, 0, 0];
  for (const { truth, tracked } of frames) {
    boxes += truth.length;
    hypotheses += tracked.length;
    const free = new Set(tracked);
    const unmatched = new Set(truth);
    const pair = (object: MotFrame['truth'][number], track: MotFrame['tracked'][number]): void => {
      free.delete(track);
      unmatched.delete(object);
      if (partner.has(object.identity) && partner.get(object.identity) !== track.trackId) switches++;
      partner.set(object.identity, track.trackId);
    };
    for (const object of truth) {
      for (const track of tracked) {
        if (Box.iou(object.box, track.box) < minIou) continue;
        const counts = together.get(object.identity) ?? new Map<string, number>();
        counts.set(track.trackId, (counts.get(track.trackId) ?? 0) + 1);
        together.set(object.identity, counts);
      }
      // A pairing that still holds is kept.
      const kept = tracked.find(
        (track) => track.trackId === partner.get(object.identity) && free.has(track) && Box.iou(object.box, track.box) >= minIou,
      );
      if (kept !== undefined) pair(object, kept);
    }
    const candidates = [...unmatched]
      .flatMap((object) => [...free].map((track) => ({ object, track, iou: Box.iou(object.box, track.box) })))
      .filter(({ iou }) => iou >= minIou)
      .sort((a, b) => b.iou - a.iou);
    for (const { object, track } of candidates) if (unmatched.has(object) && free.has(track)) pair(object, track);
    misses += unmatched.size;
    falseAlarms += free.size;
  }
  return {
    mota: 1 - (misses + falseAlarms + switches) / boxes,
    idf1: (2 * identityHits(together)) / (boxes + hypotheses),
    switches,
    misses,
    falseAlarms,
    boxes,
  };
}

/** Greatest number of boxes that one-to-one identities explain: augmented one truth at a time (Bellman-Ford over the residual graph). */
function identityHits(together: ReadonlyMap<number, ReadonlyMap<string, number>>): number {
  const truths = [...together.keys()];
  const tracks = [...new Set([...together.values()].flatMap((counts) => [...counts.keys()]))];
  const trackOf = new Map<number, string>();
  for (const start of truths) {
    // Longest alternating path from `start`: gain(track) is what the whole matching gains if it ends there.
    const gain = new Map<string, number>();
    const via = new Map<string, number>();
    const reach = new Map<number, number>([[start, 0]]);
    for (let round = 0; round <= truths.length; round++) {
      let changed = false;
      for (const [truth, base] of reach) {
        for (const [track, count] of together.get(truth) ?? []) {
          if (trackOf.get(truth) === track || base + count <= (gain.get(track) ?? -Infinity)) continue;
          gain.set(track, base + count);
          via.set(track, truth);
          changed = true;
          const holder = truths.find((other) => trackOf.get(other) === track);
          if (holder !== undefined) reach.set(holder, base + count - (together.get(holder)?.get(track) ?? 0));
        }
      }
      if (!changed) break;
    }
    // It ends at a free track, or by leaving a holder without one.
    let best = 0;
    let end: { track?: string; drop?: number } | undefined;
    for (const track of tracks) {
      const holder = truths.find((other) => trackOf.get(other) === track);
      const total = gain.get(track);
      if (total === undefined) continue;
      if (holder === undefined && total > best) [best, end] = [total, { track }];
      if (holder !== undefined && holder !== start && (reach.get(holder) ?? -Infinity) > best)
        [best, end] = [reach.get(holder)!, { track, drop: holder }];
    }
    if (end?.track === undefined) continue;
    if (end.drop !== undefined) trackOf.delete(end.drop);
    for (let track: string | undefined = end.track; track !== undefined;) {
      const truth: number = via.get(track)!;
      const before: string | undefined = trackOf.get(truth);
      trackOf.set(truth, track);
      track = truth === start ? undefined : before;
    }
  }
  return truths.reduce((sum, truth) => sum + (together.get(truth)?.get(trackOf.get(truth) ?? '') ?? 0), 0);
}
