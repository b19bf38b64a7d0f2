import type { ClaimedRun, ClaimedSegment } from '../persistence/ledger/run-ledger.js';
import type { AnalysisJob, AnalyzerTask, CodedError } from '../plugin-api/index.js';
import type { RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import type { Obstacle, Route } from './routing/router.js';

/** A claimed run on its way to a strategy that does it. */
export interface PlannedRun {
  readonly run: ClaimedRun;
  readonly analyzer: RegisteredAnalyzer;
  readonly task: AnalyzerTask;
  /** By strategy: why it is out of the question for this attempt. */
  readonly ruledOut: Map<string, Obstacle>;
  /** What the last strategy that tried it said. */
  lastError?: CodedError;
  /** It was the task itself that failed there. */
  isStateSuspect?: boolean;
  /** What those strategies cost, its share. */
  spent: number;
  /** Why it goes where it goes now: runs that share a job may have come there for different reasons. */
  placeReason?: string;
}

/** Runs that go to one place in one job. */
export interface RoutedGroup {
  readonly route: Extract<Route, { kind: 'go' }>;
  readonly runs: readonly PlannedRun[];
  readonly job: AnalysisJob;
}

/** Attempts that count: those that were given back untried do not. */
export const countedAttempts = ({ attempt, deferrals }: ClaimedRun): number => attempt - deferrals;

/**
 * Runs that go to one strategy share a job, hence one decode. A run that failed before goes alone: where one analyzer takes
 * its host down, the others must not go down with it again.
 */
export function groupByPlace(
  work: ClaimedSegment,
  queue: string,
  routed: readonly { readonly planned: PlannedRun; readonly route: RoutedGroup['route'] }[],
): RoutedGroup[] {
  const byKey = new Map<string, { route: RoutedGroup['route']; runs: PlannedRun[] }>();
  for (const { planned, route } of routed) {
    planned.placeReason = route.reason;
    const hasFailed = countedAttempts(planned.run) > 1 || planned.lastError !== undefined;
    const key = hasFailed ? `${route.place.id} ${planned.run.runId}` : route.place.id;
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, { route, runs: [planned] });
    else group.runs.push(planned);
  }
  return [...byKey.values()].map(({ route, runs }) => ({ route, runs, job: jobOf(work, queue, runs) }));
}

export function jobOf(work: ClaimedSegment, queue: string, runs: readonly PlannedRun[]): AnalysisJob {
  return {
    jobId: `s${work.segmentId}-${queue}-${runs.map(({ run }) => `${run.runId}.${run.attempt}`).join('-')}`,
    queue,
    stream: work.stream,
    segment: work.segment,
    tasks: runs.map(({ task }) => task),
  };
}
