import { comparePositions, type FeedPosition } from '../../persistence/read/feed-reads.js';
import type { FeedEntry } from './feed-hydrator.js';

/** The newest entries, so that a storm of reconnecting clients is answered from memory. Bounded in number and bytes. */
export class RecentEntries {
  private entries: FeedEntry[] = [];
  private sizeBytes = 0;

  constructor(
    /** Everything after this is in here. */
    private floor: FeedPosition,
    private readonly limits: { readonly entries: number; readonly sizeBytes: number } = { entries: 4_000, sizeBytes: 32 * 1024 * 1024 },
  ) {}

  push(entry: FeedEntry): void {
    this.entries.push(entry);
    this.sizeBytes += entry.frame.length;
    if (this.entries.length <= this.limits.entries && this.sizeBytes <= this.limits.sizeBytes) return;
    // A quarter at a time, so that dropping stays cheap.
    const dropped = this.entries.splice(0, Math.ceil(this.entries.length / 4));
    for (const old of dropped) this.sizeBytes -= old.frame.length;
    this.floor = dropped.at(-1)?.position ?? this.floor;
  }

  /** Entries after `position`, or null when some of them are no longer here. */
  after(position: FeedPosition): readonly FeedEntry[] | null {
    if (comparePositions(position, this.floor) < 0) return null;
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.entries[middle];
      if (entry !== undefined && comparePositions(entry.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.entries.slice(low);
  }
}
