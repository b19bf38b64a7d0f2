import type { PtsUs } from '../plugin-api/index.js';

/** Where an epoch lies on the wall clock: from its beginning on, by its media's own clock. */
export class EpochSpan {
  private originUs: PtsUs | undefined;
  private endUs: PtsUs = 0;

  constructor(readonly startedAtMs: number) {}

  /** There is media from here to there. */
  reached(fromUs: PtsUs, toUs: PtsUs): void {
    this.endUs = this.originUs === undefined ? toUs : Math.max(this.endUs, toUs);
    this.originUs = Math.min(this.originUs ?? fromUs, fromUs);
  }

  get endMs(): number {
    return this.originUs === undefined ? this.startedAtMs : this.startedAtMs + Math.ceil((this.endUs - this.originUs) / 1000);
  }
}

/** Sees to it that no epoch of a stream begins before the one before it has ended, though their media's clocks and ours run apart. */
export class EpochSpans {
  private readonly latest = new Map<string, EpochSpan>();

  /** @param isDated it was recorded at its own time, which lies anywhere */
  begin(streamId: string, startedAtMs: number, isDated = false): EpochSpan {
    if (isDated) return new EpochSpan(startedAtMs);
    const span = new EpochSpan(Math.max(startedAtMs, this.latest.get(streamId)?.endMs ?? startedAtMs));
    this.latest.set(streamId, span);
    return span;
  }
}
