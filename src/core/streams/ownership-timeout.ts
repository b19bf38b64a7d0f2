import { LRUCache } from 'lru-cache';

/** `new`: it has just become one, and the caller reports it; `known`: it goes on. */
export type Contest = 'none' | 'new' | 'known';

/** A stream taken from a living node twice within this time is contested, until it is quiet for as long. */
const WINDOW_MS = 60_000;
const MAX_STREAMS = 10_000;

/** Tells a publisher that moved from two that fight for a stream. */
export class TakeOverWatch {
  /** Streams taken lately, and whether they are contested. */
  private readonly contested: LRUCache<string, boolean>;

  constructor(nowMs: () => number = () => performance.now()) {
    this.contested = new LRUCache({ max: MAX_STREAMS, ttl: WINDOW_MS, ttlResolution: 0, perf: { now: nowMs } });
  }

  /** This node took the stream from another living one. */
  took(streamId: string): Contest {
    const wasContested = this.contested.get(streamId);
    this.contested.set(streamId, wasContested !== undefined);
    if (wasContested === undefined) return 'none';
    return wasContested ? 'known' : 'new';
  }
}
