import { isNothingToDo } from './timeline-painter';
import type { CoverageBucket, CoverageLane } from './timeline-store';

/** Why some media was not looked at, or in vain. */
export interface CoverageReason {
  readonly state: 'skipped' | 'failed';
  readonly code: string;
  readonly seconds: number;
}

/** What became of the media of one stretch of time with one analyzer; in seconds of media. */
export interface CoverageReading {
  readonly analyzerId: string;
  readonly done: number;
  readonly partial: number;
  readonly waiting: number;
  readonly skipped: number;
  readonly failed: number;
  readonly notAsked: number;
  /** The gravest first. */
  readonly why: readonly CoverageReason[];
}

/** What is told of a moment, of one analyzer or of all; those of which there is nothing to tell are left out. */
export function readCoverage(lanes: readonly CoverageLane[], atMs: number, stepMs: number): CoverageReading[] {
  return lanes.flatMap(({ analyzerId, buckets }) => {
    const bucket = buckets.find((one) => atMs >= one.atMs && atMs < one.atMs + stepMs);
    return bucket === undefined ? [] : [readingOf(analyzerId, bucket)];
  });
}

function readingOf(analyzerId: string, { done, partial, waiting, skipped, failed, notAsked, why }: CoverageBucket): CoverageReading {
  const gravity = ({ state, code }: CoverageReason): number => (state === 'failed' ? 2 : isNothingToDo(code) ? 0 : 1);
  return {
    ...{ analyzerId, done, partial, waiting, skipped, failed, notAsked },
    why: [...why].sort((a, b) => gravity(b) - gravity(a) || b.seconds - a.seconds),
  };
}

export type CoverageFix = 'overload' | 'again' | 'nothing' | 'configure' | 'references' | 'budget' | 'private' | 'wait';

/** What can be done about a reason; each is a text. */
export function fixOf({ state, code }: CoverageReason): CoverageFix {
  if (state === 'failed') return 'again';
  switch (code) {
    case 'overload':
    case 'late':
      return 'overload';
    case 'away':
      return 'wait';
    case 'budget':
      return 'budget';
    case 'private':
      return 'private';
    case 'no-references':
    case 'no_references':
      return 'references';
    case 'disabled':
    case 'config-changed':
    case 'unsupported':
      return 'configure';
    default:
      return isNothingToDo(code) ? 'nothing' : 'again';
  }
}
