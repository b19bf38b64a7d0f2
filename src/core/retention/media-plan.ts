import type { KeptSegment, MediaRank } from '../persistence/retention/media-inventory.js';
import type { PurgeReason } from '../persistence/retention/media-purge.js';
import type { StreamLimits } from './stream-limits.js';

/** A media folder as the plan sees it. All that is held is left out of the slices. */
export interface MediaFacts {
  readonly nowMs: number;
  /** Media that ended later is being played live, and analysed: it stays whatever happens. */
  readonly protectedFromMs: number;
  /** Bytes that each stream has on disk, held ones included. */
  readonly bytesByStream: ReadonlyMap<string, number>;
  readonly limitsOf: (streamId: string) => StreamLimits;
  /** Of all media in the folder; null: no limit. */
  readonly maxBytes: number | null;
  /** What has to become free on the disk. */
  readonly shortBytes: number;
  /** The oldest segments of each stream, each rank by itself, in their order. */
  readonly oldest: Readonly<Record<MediaRank, readonly KeptSegment[]>>;
  /** Streams that have more of a rank than is in its slice. */
  readonly hasMore: Readonly<Record<MediaRank, ReadonlySet<string>>>;
}

export interface PlannedPurge {
  readonly segment: KeptSegment;
  readonly rank: MediaRank;
  readonly why: PurgeReason;
}

/**
 * What of a media folder goes now, given the oldest of each stream: what is too old, then the oldest of a stream beyond its quota, then the
 * oldest of all while there is too much in all or too little room. Within each limit media with events goes only once there is no other;
 * where a slice does not tell whether there is, the plan stops short: it is made again once this one is done.
 */
export function planMedia(facts: MediaFacts): PlannedPurge[] {
  const plan = new Plan(facts);
  for (const rank of ['ordinary', 'event'] as const) plan.takeOld(rank);
  for (const streamId of facts.bytesByStream.keys()) plan.takeOverQuota(streamId);
  plan.takeOldest('size', () => facts.maxBytes !== null && plan.totalBytes > facts.maxBytes);
  plan.takeOldest('disk', () => plan.freedBytes < facts.shortBytes);
  return plan.purges;
}

class Plan {
  readonly purges: PlannedPurge[] = [];
  freedBytes = 0;
  totalBytes: number;
  private readonly bytes: Map<string, number>;
  private readonly taken = new Set<string>();
  private readonly free: Record<MediaRank, readonly KeptSegment[]>;

  constructor(private readonly facts: MediaFacts) {
    this.bytes = new Map(facts.bytesByStream);
    this.totalBytes = [...this.bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const mayGo = ({ endMs }: KeptSegment): boolean => endMs <= facts.protectedFromMs;
    this.free = { ordinary: facts.oldest.ordinary.filter(mayGo), event: facts.oldest.event.filter(mayGo) };
  }

  takeOld(rank: MediaRank): void {
    const { nowMs, limitsOf } = this.facts;
    for (const segment of this.free[rank]) {
      const { maxAgeMs, eventMaxAgeMs } = limitsOf(segment.streamId);
      const mostMs = rank === 'event' ? eventMaxAgeMs : maxAgeMs;
      if (mostMs !== null && segment.endMs < nowMs - mostMs) this.take(segment, rank, 'age');
    }
  }

  takeOverQuota(streamId: string): void {
    const quota = this.facts.limitsOf(streamId).maxSizeBytes;
    if (quota === null) return;
    for (const rank of ['ordinary', 'event'] as const) {
      for (const segment of this.free[rank]) {
        if ((this.bytes.get(streamId) ?? 0) <= quota) return;
        if (segment.streamId === streamId) this.take(segment, rank, 'quota');
      }
      if ((this.bytes.get(streamId) ?? 0) <= quota || this.facts.hasMore[rank].has(streamId)) return;
    }
  }

  /** The oldest of all streams, while it is needed. */
  takeOldest(why: PurgeReason, isNeeded: () => boolean): void {
    for (const rank of ['ordinary', 'event'] as const) {
      const { hasMore } = this.facts;
      const left = this.free[rank].filter(({ id }) => !this.taken.has(id)).sort((a, b) => a.startMs - b.startMs);
      // Beyond the end of a slice that is not whole its stream may have older ones than the others' next.
      const ends = [...hasMore[rank]].map((streamId) => left.findLast((segment) => segment.streamId === streamId)?.startMs ?? -Infinity);
      const knownUntilMs = Math.min(Infinity, ...ends);
      for (const segment of left) {
        if (!isNeeded() || segment.startMs > knownUntilMs) return;
        this.take(segment, rank, why);
      }
      if (hasMore[rank].size > 0) return;
    }
  }

  private take(segment: KeptSegment, rank: MediaRank, why: PurgeReason): void {
    if (this.taken.has(segment.id)) return;
    this.taken.add(segment.id);
    this.purges.push({ segment, rank, why });
    this.freedBytes += segment.sizeBytes;
    this.totalBytes -= segment.sizeBytes;
    this.bytes.set(segment.streamId, (this.bytes.get(segment.streamId) ?? 0) - segment.sizeBytes);
  }
}
