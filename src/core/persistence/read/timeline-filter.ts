/** What every timeline list takes; already validated. Times are the wall clock in µs since 1970, derived from media time. */
export interface TimelineRange {
  readonly streamId: string;
  readonly epochId?: string;
  readonly fromPtsUs?: number;
  readonly toPtsUs?: number;
  /** Inclusive. */
  readonly fromUs?: number;
  /** Exclusive. */
  readonly toUs?: number;
  readonly after?: string;
  readonly limit: number;
  readonly descending: boolean;
}
export interface ResultFilter extends TimelineRange {
  readonly analyzerId?: string;
  readonly names?: readonly string[];
  readonly minScore?: number;
}

export interface RunFilter extends TimelineRange {
  readonly analyzerId?: string;
  readonly queue?: string;
  readonly states?: readonly string[];
  readonly segmentId?: string;
}
