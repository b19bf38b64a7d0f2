import { recoveryFrames } from '../codec/index.js';
import { isRandomAccess } from '../codec/nal.js';
import type { VideoCodec } from './demuxed-segment.js';

/** Where a decoder can start. */
export interface UnitEntry {
  /** After how many pictures it shows whole ones: 0 for all but intra refresh. */
  readonly wholeAfter: number;
}

/** Enough for the parameter sets and SEI that come before a picture's first slice. */
const SLICE_SEARCH_BYTES = 2048;
const AT_ONCE: UnitEntry = { wholeAfter: 0 };

/**
 * Whether a decoder can start at a picture, by what it holds; where that says nothing, by the container's mark.
 * @param read gives at least so many of its bytes, as the codec has them
 */
export function unitEntry(codec: VideoCodec, isMarked: boolean, read: (leastBytes: number) => Buffer): UnitEntry | null {
  const marked = isMarked ? AT_ONCE : null;
  if (codec !== 'h264' && codec !== 'hevc') return marked;
  const head = read(SLICE_SEARCH_BYTES);
  const isWhole = isRandomAccess(codec, head) ?? isRandomAccess(codec, read(Number.POSITIVE_INFINITY));
  if (isWhole === true) return AT_ONCE;
  const wholeAfter = codec === 'h264' ? recoveryFrames(head) : null;
  return wholeAfter === null ? marked : { wholeAfter };
}
