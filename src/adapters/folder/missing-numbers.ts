import type { TakenFiles } from 'vedette/plugin';
import type { Candidate } from './segment-window.js';

/** The shortest segments that any writer makes. */
const LEAST_MS = 200;

/** Counts the segments of a writer that nobody will see: by the numbers of its playlist, and those that were looked at and not taken. */
export class MissingNumbers {
  /** Of the last segment that was dealt with. */
  private last: number | undefined;
  /** Dealt with and not taken since the last one that was. */
  private pending = 0;

  constructor(private readonly files: TakenFiles) {
    this.last = files.last?.number;
  }

  /** Segments up to this number were taken. */
  reached(number: number | undefined): void {
    if (number !== undefined) this.last = Math.max(number, this.last ?? number);
  }

  /** Whether its number does not go on from the last one's: the writer began to count anew. */
  beginsAnew({ number }: Candidate): boolean {
    if (number === undefined || this.last === undefined || number > this.last) return false;
    this.last = undefined;
    return true;
  }

  /** How many are missing before it. */
  before(candidate: Candidate): number {
    return this.pending + this.between(candidate);
  }

  lost(candidate: Candidate): void {
    this.pending += 1 + this.between(candidate);
    this.last = candidate.number;
  }

  taken(candidate: Candidate): void {
    this.pending = 0;
    this.last = candidate.number;
  }

  /** No more than there was time for since: numbers that go on from a clock leave nothing out. */
  private between({ number, facts, durationUs = 0 }: Candidate): number {
    if (number === undefined || this.last === undefined) return 0;
    const between = number - this.last - 1;
    const { last } = this.files;
    if (between <= 0 || last === undefined || facts === null) return Math.max(0, between);
    // The later one took its time, too.
    const room = Math.round((facts.mtimeMs - last.mtimeMs) / Math.max(LEAST_MS, durationUs / 1000)) - 1;
    return Math.max(0, Math.min(between, room));
  }
}
