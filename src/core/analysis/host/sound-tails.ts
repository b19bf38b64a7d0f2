import { LRUCache } from 'lru-cache';
import { ptsUsToTicks, type AnalysisJob } from '../../plugin-api/index.js';
import { parseAdts } from '../../decode/adts.js';
import { soundTail, type SoundTail } from '../../decode/sound-plan.js';
import type { SegmentBefore } from './segment-before.js';

/** Lanes whose last frames of sound are kept; each is about a kilobyte. */
const KEPT = 1024;

interface KeptTail {
  readonly epochId: string;
  readonly sequence: number;
  readonly tail: SoundTail;
}

/**
 * The end of the sound before each segment: kept from the segment this host did last, else read from the file beside it. So
 * it makes no difference to the sound where a segment is decoded, as long as the file before it is there.
 */
export class SoundTails {
  private readonly kept = new LRUCache<string, KeptTail>({ max: KEPT });

  /** @returns undefined at the beginning of an epoch, and where the segment before is gone or cannot be read */
  async before({ queue, segment }: AnalysisJob, file: SegmentBefore): Promise<SoundTail | undefined> {
    const kept = this.kept.get(keyOf(queue, segment.streamId));
    if (kept?.epochId === segment.epochId && kept.sequence === segment.sequence - 1) return kept.tail;
    const before = await file.read();
    return before?.audio ? soundTail(parseAdts(before.audio.units), ptsUsToTicks(segment.ptsStartUs)) : undefined;
  }

  keep({ queue, segment }: AnalysisJob, tail: SoundTail): void {
    // Copied: the frames are views of the whole segment.
    const frames = tail.frames.map((frame) => ({ ...frame, data: Buffer.from(frame.data) }));
    this.kept.set(keyOf(queue, segment.streamId), { epochId: segment.epochId, sequence: segment.sequence, tail: { ...tail, frames } });
  }
}

const keyOf = (queue: string, streamId: string): string => `${queue} ${streamId}`;
