import type { KeyedSums, SumTable, TimelinePart } from '../../persistence/timeline/sum-table.js';
import type {
  TimelineCoverageWire,
  TimelineEventsWire,
  TimelineMotionWire,
  TimelineRecordedWire,
  TimelineSeriesWire,
  TimelineWirePart,
} from '../../wire/timeline.wire.js';

/** What has to be added up for each part of an answer. */
export const SUMS_FOR: Readonly<Record<TimelineWirePart, readonly TimelinePart[]>> = {
  recorded: ['media'],
  motion: ['metrics'],
  events: ['events'],
  coverage: ['media', 'runs'],
  series: ['detections', 'metrics'],
};

/** Metrics that say how much moves, the better one first. */
const MOTION_METRICS = ['motion.share', 'motion'];

/** Makes what the API tells of sums. */
export class TimelineAnswer {
  private readonly first: number;

  /** @param fromUs when bucket 0 begins */
  constructor(
    private readonly sums: SumTable,
    fromUs: number,
  ) {
    this.first = sums.bucketAt(fromUs);
  }

  recorded(): TimelineRecordedWire[] {
    const byBucket = new Map<number, Map<string, number>>();
    for (const { name, buckets } of this.sums.of('media')) {
      for (const [bucket, { sum }] of buckets) {
        const states = byBucket.get(bucket) ?? new Map<string, number>();
        byBucket.set(bucket, states.set(name, sum));
      }
    }
    // Epochs whose clocks overlap do not make more than all of it.
    const share = (us = 0): number => Math.min(1, us / this.sums.bucketUs);
    return this.inOrder(byBucket, (index, states) => ({
      ...{ index, share: share(states.get('ready')), deleted: share(states.get('deleted')) },
      ...{ lost: share(states.get('lost')), unreadable: share(states.get('unreadable')) },
    }));
  }

  motion(analyzerId?: string): TimelineMotionWire | null {
    const metrics = this.only(this.sums.of('metrics'), analyzerId);
    for (const metric of MOTION_METRICS) {
      const found = metrics.find(({ name }) => name === metric);
      if (found === undefined) continue;
      const buckets = this.inOrder(found.buckets, (index, { count, sum, high }) => ({ index, mean: sum / count, highest: high }));
      return { analyzerId: found.analyzerId, metric, buckets };
    }
    return null;
  }

  events(analyzerId?: string): TimelineEventsWire[] {
    return this.only(this.sums.of('events'), analyzerId).map(({ analyzerId: id, name, buckets }) => ({
      ...{ analyzerId: id, name },
      buckets: this.inOrder(buckets, (index, { count, sum }) => ({ index, count, seconds: secondsOf(sum) })),
    }));
  }

  series(analyzerId?: string, names?: readonly string[]): TimelineSeriesWire[] {
    return (['detections', 'metrics'] as const).flatMap((kind) =>
      this.only(this.sums.of(kind), analyzerId)
        .filter(({ name }) => names === undefined || names.includes(name))
        .map(({ analyzerId: id, name, buckets }) => ({
          ...{ kind, analyzerId: id, name },
          buckets: this.inOrder(buckets, (index, { count, sum, low, high }) => ({
            ...{ index, count, mean: sum / count, lowest: low, highest: high },
          })),
        })),
    );
  }

  /** @param loaded ids of the analyzers that there are now */
  coverage(loaded: readonly string[], analyzerId?: string): TimelineCoverageWire[] {
    const media = new Map<number, number>();
    for (const { buckets } of this.sums.of('media'))
      for (const [bucket, { sum }] of buckets) media.set(bucket, (media.get(bucket) ?? 0) + sum);
    const byAnalyzer = Map.groupBy(this.only(this.sums.of('runs'), analyzerId), (sums) => sums.analyzerId);
    for (const id of loaded) if (!byAnalyzer.has(id) && (analyzerId === undefined || id === analyzerId)) byAnalyzer.set(id, []);
    return [...byAnalyzer]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, runs]) => ({
        ...{ analyzerId: id, isLoaded: loaded.includes(id) },
        buckets: this.inOrder(media, (index, mediaUs, bucket) => coverageOf(index, mediaUs, bucket, runs)),
      }));
  }

  private only(sums: readonly KeyedSums[], analyzerId: string | undefined): KeyedSums[] {
    return sums.filter((one) => analyzerId === undefined || one.analyzerId === analyzerId);
  }

  private inOrder<T, R>(buckets: ReadonlyMap<number, T>, make: (index: number, value: T, bucket: number) => R): R[] {
    return [...buckets].sort(([a], [b]) => a - b).map(([bucket, value]) => make(bucket - this.first, value, bucket));
  }
}

type BucketCoverage = TimelineCoverageWire['buckets'][number];

function coverageOf(index: number, mediaUs: number, bucket: number, runs: readonly KeyedSums[]): BucketCoverage {
  const us = { done: 0, partial: 0, waiting: 0, skipped: 0, failed: 0 };
  const why: BucketCoverage['why'] = [];
  for (const { name, reason, buckets } of runs) {
    const sum = buckets.get(bucket)?.sum ?? 0;
    if (sum === 0) continue;
    us[name as keyof typeof us] += sum;
    if (name === 'skipped' || name === 'failed') why.push({ state: name, code: reason, seconds: secondsOf(sum) });
  }
  const asked = us.done + us.partial + us.waiting + us.skipped + us.failed;
  const [done, partial, waiting, skipped, failed] = [us.done, us.partial, us.waiting, us.skipped, us.failed].map(secondsOf) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { index, done, partial, waiting, skipped, failed, notAsked: secondsOf(Math.max(0, mediaUs - asked)), why };
}

const secondsOf = (us: number): number => Math.round(us) / 1e6;
