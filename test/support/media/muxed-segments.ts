import type { EncodedFrame } from 'vedette/plugin';
import type { SegmentMuxer } from '../../../src/core/media/packaging/segment-muxer.js';

/** One segment as it would lie on the disk, and the frames that went into it. */
export interface MuxedSegment {
  readonly bytes: Buffer;
  readonly frames: readonly EncodedFrame[];
}

/**
 * Drives a muxer as a packager does: a segment begins with each keyframe (each second, for sound alone), parts are taken on the way.
 * @param partUs the media time after which a part is taken
 */
export function muxSegments(muxer: SegmentMuxer, frames: readonly EncodedFrame[], partUs = 300_000): MuxedSegment[] {
  const lead = frames.some(({ track }) => track === 'video') ? 'video' : 'audio';
  const segments: { parts: Buffer[]; frames: EncodedFrame[]; startUs: number }[] = [];
  let partStartUs = Number.NEGATIVE_INFINITY;
  for (const frame of frames) {
    const open = segments.at(-1);
    if (frame.track === lead) {
      const isLong = lead === 'video' || open === undefined || frame.dtsUs - open.startUs >= 1_000_000;
      const begins = frame.keyframe && isLong;
      if (open !== undefined && (begins || frame.dtsUs - partStartUs >= partUs)) {
        open.parts.push(Buffer.from(muxer.take(frame.dtsUs)));
        partStartUs = frame.dtsUs;
      }
      if (begins) {
        muxer.beginSegment();
        segments.push({ parts: [], frames: [], startUs: frame.dtsUs });
        partStartUs = frame.dtsUs;
      }
    }
    const segment = segments.at(-1);
    if (segment === undefined) continue;
    muxer.add(frame);
    segment.frames.push(frame);
  }
  segments.at(-1)?.parts.push(Buffer.from(muxer.take()));
  return segments.map(({ parts, frames: held }) => ({ bytes: Buffer.concat(parts), frames: held }));
}
