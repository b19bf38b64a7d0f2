import { LRUCache } from 'lru-cache';

interface Takeovers {
  /** In a row, none of them long after the one before. */
  readonly times: number;
  readonly lastAtMs: number;
  readonly from: string;
  readonly by: string;
}

/** A stream that is left alone for this long after it may be taken again is fought for no longer. */
const QUIET_MS = 60_000;
/** Takeovers in a row that are admitted at once: a publisher moves, and perhaps back. */
const FREE_TAKEOVERS = 2;
const FIRST_DELAY_MS = 2_000;
const MAX_DELAY_MS = 60_000;
const MAX_STREAMS = 10_000;

/** Tells a publisher that moved from two that take a stream from each other again and again, and slows these down. */
export class TakeoverFights {
  /** By stream; what was quiet for long enough is forgotten. */
  private readonly takeovers: LRUCache<string, Takeovers>;

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.takeovers = new LRUCache({ max: MAX_STREAMS, ttl: QUIET_MS, ttlResolution: 0, perf: { now: nowMs } });
  }

  /** How long the stream may not be taken over yet, in ms. */
  delayMs(streamId: string): number {
    const known = this.takeovers.get(streamId);
    return known === undefined ? 0 : Math.max(0, known.lastAtMs + delayAfter(known.times) - this.nowMs());
  }

  /**
   * The stream was taken over.
   * @param from address of the publisher that had it, or what else is known of that one
   * @returns whether it has just become a fight
   */
  took(streamId: string, from: string, by: string): boolean {
    const times = (this.takeovers.get(streamId)?.times ?? 0) + 1;
    this.takeovers.set(streamId, { times, lastAtMs: this.nowMs(), from, by }, { ttl: QUIET_MS + delayAfter(times) });
    return times === FREE_TAKEOVERS;
  }

  /** For the stream's state; undefined while nobody fights for it. */
  detail(streamId: string): string | undefined {
    const known = this.takeovers.get(streamId);
    if (known === undefined || known.times < FREE_TAKEOVERS) return undefined;
    return `Two encoders fight for this stream: ${known.from} and ${known.by}. Stop one of them, or give it a stream of its own`;
  }
}

const delayAfter = (times: number): number =>
  times < FREE_TAKEOVERS ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (times - FREE_TAKEOVERS));
