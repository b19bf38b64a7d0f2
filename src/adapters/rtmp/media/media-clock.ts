export type Track = 'audio' | 'video';

const WRAP_MS = 2 ** 32;
/** More than this forward is not a pause but another clock. */
const MAX_FORWARD_MS = 10_000;
/** Rounding of an encoder; more than this backward is another clock. */
const MAX_BACKWARD_MS = 100;

/**
 * A publisher's timestamps, unwrapped: RTMP counts milliseconds modulo 2^32 (49.7 days), Vedette goes on counting.
 * Also the judge of whether time goes on as it should.
 */
export class MediaClock {
  private lastMs: number | undefined;
  private readonly lastByTrack = new Map<Track, number>();

  /** Nearest time to the last one that the 32 bits can mean. */
  unwrap(timestamp32: number): number {
    const last = this.lastMs;
    if (last === undefined) return timestamp32;
    let delta = (timestamp32 - (last % WRAP_MS)) % WRAP_MS;
    if (delta >= WRAP_MS / 2) delta -= WRAP_MS;
    else if (delta < -WRAP_MS / 2) delta += WRAP_MS;
    return last + delta;
  }

  /**
   * Takes the next timestamp of a track.
   * @returns the dts to use (never before the track's last one), or `jump` when the publisher's clock was set anew
   */
  take(track: Track, timeMs: number): number | 'jump' {
    const lastOfTrack = this.lastByTrack.get(track);
    if (this.lastMs !== undefined && timeMs - this.lastMs > MAX_FORWARD_MS) return 'jump';
    if (lastOfTrack !== undefined && timeMs < lastOfTrack - MAX_BACKWARD_MS) return 'jump';
    const dtsMs = Math.max(timeMs, lastOfTrack ?? timeMs);
    this.lastByTrack.set(track, dtsMs);
    this.lastMs = Math.max(this.lastMs ?? dtsMs, dtsMs);
    return dtsMs;
  }

  /** Begins anew at a timestamp: what came before no longer binds. */
  restart(timeMs: number): void {
    this.lastByTrack.clear();
    this.lastMs = timeMs;
  }
}
