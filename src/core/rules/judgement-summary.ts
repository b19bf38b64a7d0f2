import type { Judgement } from './judge.js';
import type { Rule } from './rule.js';

export interface SummaryBucket {
  readonly fromUs: number;
  events: number;
  in: number;
  out: number;
  /** Time that events lasted within the bucket, added up: two objects for a minute are two minutes. */
  occupiedMs: number;
  /** Of a count rule. */
  maxCount: number | null;
  meanCount: number | null;
}

const SPANS_US = { minute: 60_000_000, hour: 3_600_000_000 } as const;
export type SummaryStep = keyof typeof SPANS_US;

/** What was found, by minute or hour of the wall clock (UTC); buckets without anything are left out. */
export function summarise(
  { events, metrics }: Pick<Judgement, 'events' | 'metrics'>,
  rule: Pick<Rule, 'id'>,
  step: SummaryStep,
  nowUs: number,
): SummaryBucket[] {
  const spanUs = SPANS_US[step];
  const buckets = new Map<number, SummaryBucket & { counted: number; sum: number }>();
  const at = (us: number): SummaryBucket & { counted: number; sum: number } => {
    const fromUs = Math.floor(us / spanUs) * spanUs;
    let bucket = buckets.get(fromUs);
    if (bucket === undefined)
      buckets.set(
        fromUs,
        (bucket = { fromUs, events: 0, in: 0, out: 0, occupiedMs: 0, maxCount: null, meanCount: null, counted: 0, sum: 0 }),
      );
    return bucket;
  };
  for (const event of events) {
    const first = at(event.startAtUs);
    first.events++;
    if (event.data['direction'] === 'in') first.in++;
    if (event.data['direction'] === 'out') first.out++;
    const endUs = Math.max(event.startAtUs, event.endAtUs ?? nowUs);
    for (let fromUs = first.fromUs; fromUs < endUs; fromUs += spanUs) {
      at(fromUs).occupiedMs += (Math.min(endUs, fromUs + spanUs) - Math.max(event.startAtUs, fromUs)) / 1_000;
    }
  }
  for (const { name, atUs, value } of metrics) {
    if (name !== `rule:${rule.id}:count`) continue;
    const bucket = at(atUs);
    bucket.maxCount = Math.max(bucket.maxCount ?? 0, value);
    bucket.sum += value;
    bucket.counted++;
  }
  return [...buckets.values()]
    .sort((a, b) => a.fromUs - b.fromUs)
    .map(({ counted, sum, ...bucket }) => ({
      ...bucket,
      occupiedMs: Math.round(bucket.occupiedMs),
      meanCount: counted === 0 ? null : sum / counted,
    }));
}
