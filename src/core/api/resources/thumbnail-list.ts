import { Injectable } from '@nestjs/common';
import { THUMBNAIL_LIMITS } from '../../plugin-api/index.js';
import { type NearKeyframe, ThumbnailReads } from '../../persistence/thumbnails/thumbnail-reads.js';
import { placeInSheet, sheetOf, SLOT_MS } from '../../persistence/thumbnails/thumbnail-slots.js';
import type { ThumbnailWire } from '../../wire/thumbnails.wire.js';

/** Narrower than this no single frame is served. */
const LEAST_WIDTH_PX = 16;

/** A stream's small pictures, by time: where each is to be had. */
@Injectable()
export class ThumbnailList {
  constructor(private readonly thumbnails: ThumbnailReads) {}

  async within(streamId: string, fromMs: number, toMs: number): Promise<ThumbnailWire[]> {
    const [fromSlot, toSlot] = [Math.ceil(fromMs / SLOT_MS), Math.ceil(toMs / SLOT_MS)];
    if (toSlot <= fromSlot) return [];
    const kept = await this.thumbnails.kept(streamId, fromSlot, toSlot);
    const bySheet = Map.groupBy(kept, ({ slot }) => sheetOf(slot));
    const bySlot = new Map<number, ThumbnailWire>();
    for (const { slot, epochId, ptsUs, atMs, widthPx: w, heightPx: h } of kept) {
      if (slot < fromSlot || slot >= toSlot) continue;
      const url = `/api/streams/${streamId}/thumbnails/sheets/${sheetOf(slot)}?v=${bySheet.get(sheetOf(slot))!.length}`;
      bySlot.set(slot, { at: isoOf(atMs), epochId, ptsUs, url, ...placeInSheet(slot), w, h, isMade: false });
    }
    const missing = Array.from({ length: toSlot - fromSlot }, (_, n) => fromSlot + n).filter((slot) => !bySlot.has(slot));
    for (const keyframe of await this.thumbnails.keyframes(streamId, missing)) bySlot.set(keyframe.slot, made(streamId, keyframe));
    return [...bySlot].sort(([a], [b]) => a - b).map(([, thumbnail]) => thumbnail);
  }
}

function made(streamId: string, { epochId, ptsUs, atMs, streamWidthPx, streamHeightPx }: NearKeyframe): ThumbnailWire {
  const [width, height] = [streamWidthPx ?? THUMBNAIL_LIMITS.widthPx, streamHeightPx ?? THUMBNAIL_LIMITS.heightPx];
  const scale = Math.min(1, THUMBNAIL_LIMITS.widthPx / width, THUMBNAIL_LIMITS.heightPx / height);
  const w = Math.max(LEAST_WIDTH_PX, Math.round(width * scale));
  const url = `/api/streams/${streamId}/frame?epochId=${epochId}&ptsUs=${ptsUs}&widthPx=${w}`;
  return { at: isoOf(atMs), epochId, ptsUs, url, x: 0, y: 0, w, h: Math.max(1, Math.round(height * (w / width))), isMade: true };
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
