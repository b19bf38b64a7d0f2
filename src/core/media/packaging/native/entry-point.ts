import type { EncodedFrame, PushedVideoTrack } from '../../../plugin-api/index.js';
import { recoveryFramesOf } from '../../../decode/codec/index.js';

const IDR = 5;
const SEI = 6;

/** What a decoder finds at a keyframe. */
export interface EntryPoint {
  /** Pictures from here on are shown no earlier than it. */
  readonly isClosed: boolean;
  /** It is shown whole at once: the beginnings of an intra refresh are not. */
  readonly isWhole: boolean;
}

const CLOSED: EntryPoint = { isClosed: true, isWhole: true };
const OPEN: EntryPoint = { isClosed: false, isWhole: true };

/** Looks into a frame that its publisher calls a keyframe. Safe on any bytes. */
export function entryPoint({ codec, configuration }: PushedVideoTrack, { data }: EncodedFrame): EntryPoint {
  if (codec === 'hevc') return OPEN;
  if (codec !== 'h264') return CLOSED;
  const lengthBytes = ((configuration[4] ?? 3) & 3) + 1;
  let entry: EntryPoint = OPEN;
  for (let at = 0; at + lengthBytes < data.length;) {
    let size = 0;
    for (let i = 0; i < lengthBytes; i++) size = size * 256 + data[at + i]!;
    at += lengthBytes;
    const type = data[at]! & 0x1f;
    if (type === IDR) return CLOSED;
    if (type >= 1 && type <= IDR) return entry;
    if (type === SEI) {
      const pictures = recoveryFramesOf(data.subarray(at, at + size));
      if (pictures !== null) entry = { isClosed: false, isWhole: pictures === 0 };
    }
    at += size;
  }
  return entry;
}

/** Looks into each keyframe once, however often it is asked. */
export class FrameEntries {
  private frame: EncodedFrame | undefined;
  private entry: EntryPoint = CLOSED;

  constructor(private readonly track: PushedVideoTrack | undefined) {}

  of(frame: EncodedFrame): EntryPoint {
    if (frame.track === 'audio' || this.track === undefined) return CLOSED;
    if (this.frame !== frame) {
      this.frame = frame;
      this.entry = entryPoint(this.track, frame);
    }
    return this.entry;
  }
}
