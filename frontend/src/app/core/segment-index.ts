import type { RunWire, SegmentWire } from '../api/models';

/** A segment as the page knows it, with the runs that ended over it. */
export interface SegmentEntry {
  readonly segment: SegmentWire;
  /** Wall clock of the segment's start. */
  readonly startMs: number;
  readonly runs: Map<string, RunWire>;
}

const keyOf = (epochId: string, sequence: number): string => `${epochId}/${sequence}`;

/** The newest segments of one stream, by what their file is called: epoch and sequence. Bounded. */
export class SegmentIndex {
  private readonly entries = new Map<string, SegmentEntry>();
  /** Runs that arrived before their segment. */
  private readonly early = new Map<string, RunWire[]>();

  constructor(private readonly capacity = 900) {}

  get size(): number {
    return this.entries.size;
  }

  add(segment: SegmentWire): void {
    const key = keyOf(segment.epochId, segment.sequence);
    const runs = this.entries.get(key)?.runs ?? new Map<string, RunWire>();
    for (const run of this.early.get(key) ?? []) runs.set(run.analyzerId, run);
    this.early.delete(key);
    this.entries.delete(key);
    this.entries.set(key, { segment, startMs: Date.parse(segment.at), runs });
    this.forget(this.entries);
  }

  addRun(run: RunWire): void {
    const key = keyOf(run.epochId, run.sequence);
    const entry = this.entries.get(key);
    if (entry) {
      entry.runs.set(run.analyzerId, run);
      return;
    }
    this.early.set(key, [...(this.early.get(key) ?? []), run]);
    this.forget(this.early);
  }

  get(epochId: string, sequence: number): SegmentEntry | null {
    return this.entries.get(keyOf(epochId, sequence)) ?? null;
  }

  /** How much of an epoch is known, in microseconds. */
  lengthUs(epochId: string): number {
    let lengthUs = 0;
    for (const { segment } of this.entries.values()) if (segment.epochId === epochId) lengthUs += segment.ptsEndUs - segment.ptsStartUs;
    return lengthUs;
  }

  /** The segment of an epoch that holds a pts. */
  holding(epochId: string, ptsUs: number): SegmentEntry | null {
    for (const entry of this.entries.values()) {
      const { segment } = entry;
      if (segment.epochId === epochId && segment.ptsStartUs <= ptsUs && ptsUs < segment.ptsEndUs) return entry;
    }
    return null;
  }

  clear(): void {
    this.entries.clear();
    this.early.clear();
  }

  private forget(map: Map<string, unknown>): void {
    while (map.size > this.capacity) map.delete(map.keys().next().value!);
  }
}
