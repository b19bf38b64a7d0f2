import type { FoundSegment } from './segment-reader.js';

/** Segments of an epoch that were read before they got their place, and that the ledger does not know yet; in order. */
export class FoundSegments {
  /** By sequence, as their writer says. */
  readonly durationUs = new Map<number, number>();
  private readonly segments: FoundSegment[] = [];

  add(segment: FoundSegment, durationUs: number | undefined): void {
    this.segments.push(segment);
    if (durationUs !== undefined) this.durationUs.set(segment.sequence, durationUs);
  }

  next(most: number): readonly FoundSegment[] {
    return this.segments.slice(0, most);
  }

  /** The ledger has so many more. */
  registered(count: number): void {
    for (const { sequence } of this.segments.splice(0, count)) this.durationUs.delete(sequence);
  }
}
