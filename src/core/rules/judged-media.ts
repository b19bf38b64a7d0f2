import type { PtsUs } from '../plugin-api/index.js';
import type { Rule, Sighting } from './rule.js';

/** An epoch and the part of it that is to be judged. */
export interface EpochSpan {
  readonly epochId: string;
  readonly isOpen: boolean;
  /** Wall clock of pts 0, in µs since 1970. */
  readonly zeroAtUs: number;
  /** Where its media ends so far. */
  readonly mediaEndUs: PtsUs;
  readonly fromPtsUs: PtsUs;
  /** Exclusive. */
  readonly toPtsUs: PtsUs;
}

/** A segment that was analysed, by its run. */
export interface AnalysedRun {
  readonly runId: string;
  readonly configHash: string;
  readonly ptsStartUs: PtsUs;
  readonly ptsEndUs: PtsUs;
}

/** Media time by wall clock, or by pts of one epoch. */
export type RangeInput =
  { readonly fromMs: number; readonly toMs: number } | { readonly epochId: string; readonly fromPtsUs?: PtsUs; readonly toPtsUs?: PtsUs };

/** What was stored of a stream's past, as judging reads it. An abstract class so that it is its own Nest token. */
export abstract class JudgedMedia {
  /** The stream's epochs that the range touches, in order. */
  abstract spans(streamId: string, range: RangeInput): Promise<EpochSpan[]>;
  /** The rule's analyzer's runs over media between the two, in order; one per segment, the latest. */
  abstract runs(epochId: string, analyzerId: string, fromPtsUs: PtsUs, toPtsUs: PtsUs, limit: number): Promise<AnalysedRun[]>;
  /** Detections of the runs that the rule may look at, by run, in stored order. */
  abstract sightings(
    span: EpochSpan,
    rule: Rule,
    runs: readonly AnalysedRun[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly Sighting[]>>;
}
