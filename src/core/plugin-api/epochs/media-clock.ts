import type { PushedTrackKind } from '../encoded-frame.js';

const WRAP_MS = 2 ** 32;
/** More than this forward is not a pause but another clock. */
const MAX_FORWARD_MS = 10_000;
/** Rounding of an encoder; more than this backward is another clock. */
const MAX_BACKWARD_MS = 100;
/** So far apart may two tracks begin, or go on after a pause of one of them. */
const MAX_APART_MS = 5000;

/** The time nearest to `nearMs` that 32 bits of milliseconds can mean. */
export function unwrap(timestamp32: number, nearMs: number): number {
  let deltaMs = (timestamp32 - nearMs) % WRAP_MS;
  if (deltaMs >= WRAP_MS / 2) deltaMs -= WRAP_MS;
  else if (deltaMs < -WRAP_MS / 2) deltaMs += WRAP_MS;
  return nearMs + deltaMs;
}

/** Whether a frame can be the next one of its track. */
export function follows(timeMs: number, lastMs: number, maxForwardMs = MAX_FORWARD_MS): boolean {
  return timeMs - lastMs >= -MAX_BACKWARD_MS && timeMs - lastMs <= maxForwardMs;
}

/** Where a frame is in its epoch, or why it is nowhere: before its beginning, or on another clock. */
export type Place = number | 'before' | 'astray';

/**
 * The clock of one epoch: 0 is the time of its first frame, and it counts on past the 32 bits that RTMP has (49.7 days). Each track is
 * judged by its own last time; the other one is asked where that is not enough: at its beginning, and after a pause. So tracks may drift
 * apart for days, and sound that is stamped seconds away from its picture has no place beside it.
 */
export class MediaClock {
  private readonly lastMs: { video?: number; audio?: number } = {};
  private readonly maxForwardMs: number;

  /** @param frameMs the announced distance of two pictures */
  constructor(
    private readonly base32: number,
    frameMs = 0,
  ) {
    this.maxForwardMs = Math.max(MAX_FORWARD_MS, 4 * frameMs);
  }

  /** Judges a timestamp and binds nothing. */
  place(track: PushedTrackKind, timestamp32: number): Place {
    const own = this.lastMs[track];
    const other = this.lastMs[track === 'video' ? 'audio' : 'video'];
    const timeMs = unwrap(timestamp32 - this.base32, own ?? other ?? 0);
    if (own !== undefined && follows(timeMs, own, this.maxForwardMs)) return timeMs;
    if (own !== undefined && timeMs < own) return 'astray';
    if (Math.abs(timeMs - (other ?? own ?? 0)) > MAX_APART_MS) return 'astray';
    return timeMs < 0 ? 'before' : timeMs;
  }

  /** The track has come as far as this. */
  reached(track: PushedTrackKind, timeMs: number): void {
    this.lastMs[track] = Math.max(timeMs, this.lastMs[track] ?? timeMs);
  }
}
