import type { PtsUs } from '../plugin-api/index.js';
import type { Example, Matches, SegmentDifference, Sums } from './segment-difference.js';

/** An event's part in one segment, and of which epoch. */
export interface PlacedDifference {
  readonly streamId: string;
  readonly epochId: string;
  readonly segmentId: string;
  readonly ptsEndUs: PtsUs;
  readonly difference: SegmentDifference;
}

export interface ComparedEvent {
  readonly streamId: string;
  readonly epochId: string;
  readonly name: string;
  readonly startPtsUs: PtsUs;
  readonly endPtsUs: PtsUs;
}

export interface PlacedExample extends Example {
  readonly streamId: string;
  readonly epochId: string;
  readonly segmentId: string;
}

/** Adds tables of numbers up, row by row. */
class Sum<R extends readonly number[]> {
  private readonly rows = new Map<string, R>();

  add(table: Readonly<Record<string, R>>): void {
    for (const [name, row] of Object.entries(table)) {
      const sum = this.rows.get(name);
      this.rows.set(name, sum === undefined ? row : (sum.map((value, i) => value + row[i]!) as unknown as R));
    }
  }

  get inOrder(): readonly (readonly [string, R])[] {
    return [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Sums the differences of a range's segments, which are added in their order. */
export class RangeDifference {
  segments = 0;
  readonly examples: PlacedExample[] = [];
  private readonly sums = { detections: new Sum<Matches>(), metrics: new Sum<Sums>(), others: new Sum<readonly [number, number]>() };
  private readonly parts = new Map<string, ComparedEvent & { readonly isOver: boolean }>();

  constructor(private readonly mostExamples: number) {}

  add({ difference, streamId, epochId, segmentId, ptsEndUs }: PlacedDifference): void {
    this.segments += 1;
    this.sums.detections.add(difference.detections);
    this.sums.metrics.add(difference.metrics);
    this.sums.others.add(difference.others);
    const room = this.mostExamples - this.examples.length;
    for (const example of difference.examples.slice(0, room)) this.examples.push({ ...example, streamId, epochId, segmentId });
    for (const { key, name, startPtsUs, endPtsUs } of difference.events) {
      const known = this.parts.get(`${epochId} ${key}`);
      if (known?.isOver === true) continue;
      // One that nobody ends lasts to the end of the last segment that tells of it.
      const end = { endPtsUs: endPtsUs ?? ptsEndUs, isOver: endPtsUs !== null };
      this.parts.set(`${epochId} ${key}`, known === undefined ? { streamId, epochId, name, startPtsUs, ...end } : { ...known, ...end });
    }
  }

  /** By label, in their order. */
  get detections(): readonly (readonly [string, Matches])[] {
    return this.sums.detections.inOrder;
  }

  /** By name and unit, in their order. */
  get metrics(): readonly (readonly [string, Sums])[] {
    return this.sums.metrics.inOrder;
  }

  /** By type: how many of the old pass, and of the new one. */
  get others(): readonly (readonly [string, readonly [number, number]])[] {
    return this.sums.others.inOrder;
  }

  /** Of the new pass, each from its first word to its last. */
  get events(): readonly ComparedEvent[] {
    return [...this.parts.values()].map(({ isOver: _, ...event }) => event);
  }
}

export interface EventDifference {
  readonly matched: readonly { readonly old: ComparedEvent; readonly new: ComparedEvent }[];
  readonly onlyOld: readonly ComparedEvent[];
  readonly onlyNew: readonly ComparedEvent[];
}

/** Events are the same that have a name and some of their time in common: each is matched once, the longest overlap first. */
export function compareEvents(old: readonly ComparedEvent[], found: readonly ComparedEvent[]): EventDifference {
  const placeOf = ({ streamId, epochId, name }: ComparedEvent): string => `${streamId} ${epochId} ${name}`;
  const byPlace = Map.groupBy(found, placeOf);
  const candidates = old
    .flatMap((before) => (byPlace.get(placeOf(before)) ?? []).map((after) => ({ before, after, overlapUs: overlapUs(before, after) })))
    .filter(({ overlapUs: shared }) => shared >= 0)
    .sort((a, b) => b.overlapUs - a.overlapUs);
  const used = new Set<ComparedEvent>();
  const matched = [];
  for (const { before, after } of candidates) {
    if (used.has(before) || used.has(after)) continue;
    used.add(before).add(after);
    matched.push({ old: before, new: after });
  }
  return { matched, onlyOld: old.filter((one) => !used.has(one)), onlyNew: found.filter((one) => !used.has(one)) };
}

/** Negative where they have no moment in common. */
const overlapUs = (a: ComparedEvent, b: ComparedEvent): number => Math.min(a.endPtsUs, b.endPtsUs) - Math.max(a.startPtsUs, b.startPtsUs);
