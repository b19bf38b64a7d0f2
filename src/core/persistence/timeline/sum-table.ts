import type { Tally } from '../archive/packed-block.js';

/** What is added up: media by state, runs by state and reason, events and results by name. */
export const TIMELINE_PARTS = ['media', 'runs', 'events', 'detections', 'metrics'] as const;
export type TimelinePart = (typeof TIMELINE_PARTS)[number];

export interface SumKey {
  readonly part: TimelinePart;
  /** Empty for media, which is nobody's. */
  readonly analyzerId: string;
  /** State of media and of runs, name of events and metrics, label of detections. */
  readonly name: string;
  /** Why, for runs that were skipped or failed; else empty. */
  readonly reason: string;
}

/** One key's sums by the number of the bucket since 1970. Of media, runs and events `sum` is µs, and `count` how many begin there. */
export type KeyedSums = SumKey & { readonly buckets: ReadonlyMap<number, Readonly<Tally>> };

/** From and, exclusive, to: µs since 1970. */
export interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Sums by key and bucket; buckets begin at whole multiples of their width since 1970. */
export class SumTable {
  private readonly keyed = new Map<string, SumKey & { readonly buckets: Map<number, Tally> }>();

  constructor(readonly bucketUs: number) {}

  get size(): number {
    return this.keyed.size;
  }

  add(key: SumKey, bucket: number, tally: Readonly<Tally>): void {
    const buckets = this.bucketsOf(key);
    const known = buckets.get(bucket);
    if (known === undefined) {
      buckets.set(bucket, { ...tally });
      return;
    }
    known.count += tally.count;
    known.sum += tally.sum;
    known.low = Math.min(known.low, tally.low);
    known.high = Math.max(known.high, tally.high);
  }

  /** Spreads what lasts over the buckets of `within` that it touches, and counts it in the one in which it begins. */
  addLasting(key: SumKey, { fromUs, toUs }: Stretch, within: Stretch): void {
    const isBegunHere = fromUs >= within.fromUs && fromUs < within.toUs;
    const endUs = Math.min(toUs, within.toUs);
    if (isBegunHere) this.add(key, this.bucketAt(fromUs), { ...NOTHING, count: 1 });
    for (let atUs = Math.max(fromUs, within.fromUs); atUs < endUs;) {
      const bucket = this.bucketAt(atUs);
      const nextUs = Math.min(endUs, (bucket + 1) * this.bucketUs);
      this.add(key, bucket, { ...NOTHING, sum: nextUs - atUs });
      atUs = nextUs;
    }
  }

  bucketAt(atUs: number): number {
    return Math.floor(atUs / this.bucketUs);
  }

  /** By part, analyzer, name and reason. */
  all(): KeyedSums[] {
    return [...this.keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sums]) => sums);
  }

  of(part: TimelinePart): KeyedSums[] {
    return this.all().filter((sums) => sums.part === part);
  }

  private bucketsOf(key: SumKey): Map<number, Tally> {
    // PostgreSQL's texts hold no NUL.
    const id = `${key.part}\0${key.analyzerId}\0${key.name}\0${key.reason}`;
    let known = this.keyed.get(id);
    if (known === undefined) this.keyed.set(id, (known = { ...key, buckets: new Map() }));
    return known.buckets;
  }
}

const NOTHING: Tally = { count: 0, sum: 0, low: 0, high: 0 };
