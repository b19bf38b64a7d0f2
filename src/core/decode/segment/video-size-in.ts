import { av1Size, sequenceHeaderOf, vp9KeyframeSize } from '../codec/index.js';
import type { PictureFormat } from '../codec/media-format.js';
import { sequenceIn, type VideoSize } from '../codec/sps.js';
import type { VideoCodec } from './demuxed-segment.js';

/**
 * Reads the picture size from an access unit: keyframes say it in all codecs.
 * @returns null when it does not, or says nothing that makes sense
 */
export function videoSizeIn(codec: VideoCodec, unit: Buffer): VideoSize | null {
  if (codec === 'h264' || codec === 'hevc') return sequenceIn(codec, unit);
  if (codec === 'vp9') return vp9KeyframeSize(unit);
  try {
    const header = sequenceHeaderOf(unit);
    return header === undefined ? null : av1Size(header.payload);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** How the pictures are coded, where their parameter sets stand between them; null elsewhere. */
export function pictureFormatIn(codec: VideoCodec, unit: Buffer): PictureFormat | null {
  return codec === 'h264' || codec === 'hevc' ? sequenceIn(codec, unit) : null;
}
