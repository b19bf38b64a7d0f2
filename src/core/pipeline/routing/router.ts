import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { queueError } from '../../errors/queue.errors.js';
import { errorText, type AnalysisJob, type CodedError, type Quote, type StrategyHealth } from '../../plugin-api/index.js';
import type { RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { MONOTONIC_CLOCK, type MonotonicClock } from '../../runtime/clocks.js';
import { RunTimes } from './run-times.js';
import { healthOf, quoteOf, StrategyDirectory, type StrategyPlace } from './strategy-directory.js';

/** A strategy that was left for another gets work back only when it would have this share of the deadline to spare. */
const SPARE_TO_COME_BACK = 0.25;
/** How long it is remembered that work went elsewhere. */
const ELSEWHERE_FOR_MS = 30_000;
const KEPT_CHOICES = 10_000;

/** One run that looks for its place. */
export interface RouteRequest {
  readonly analyzer: RegisteredAnalyzer;
  /** The run alone, as a job. */
  readonly job: AnalysisJob;
  /** Since its segment was written into the ledger. */
  readonly waitedMs: number;
  /** By strategy: why it is out of the question for this run. It failed it, or the budget is spent. */
  readonly ruledOut: ReadonlyMap<string, Obstacle>;
}

/** Why a strategy does not get a run. */
export interface Obstacle {
  /** What the run is to wait for, or what is final. */
  readonly kind: 'failed' | 'private' | 'budget' | 'unable' | 'away';
  readonly text: string;
}

export type Route =
  | { readonly kind: 'go'; readonly place: StrategyPlace; readonly reason: string; readonly quote: Quote; readonly hasOthers: boolean }
  /** No strategy can take it now; one will, or it gets too old. */
  | { readonly kind: 'wait'; readonly reason: string }
  /** No strategy may take it. */
  | { readonly kind: 'skip'; readonly reason: string }
  /** Every strategy that may take it has failed it. */
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'fail'; readonly error: CodedError };

interface Candidate {
  readonly place: StrategyPlace;
  readonly quote: Quote;
  /** From the finished segment to its results, as far as can be told. Optimistic where nothing is known: how else would it be? */
  readonly expectedMs: number;
}

/**
 * Chooses where a run runs: the first strategy in the analyzer's order of preference that may and can, unless it would miss the
 * deadline and another would not. Work that was moved for the deadline comes back once there is time to spare, so that it does not
 * go to and fro with every segment.
 */
@Injectable()
export class Router {
  /** Where the work of a stream and an analyzer went for the deadline. */
  private readonly elsewhere: LRUCache<string, string>;

  constructor(
    private readonly strategies: StrategyDirectory,
    private readonly runTimes: RunTimes,
    @Inject(MONOTONIC_CLOCK) nowMs: MonotonicClock,
  ) {
    this.elsewhere = new LRUCache({ max: KEPT_CHOICES, ttl: ELSEWHERE_FOR_MS, ttlResolution: 0, perf: { now: nowMs } });
  }

  async route(request: RouteRequest): Promise<Route> {
    const { analyzer, job } = request;
    const { prefer, deadline } = analyzer.placement.execution;
    const candidates: Candidate[] = [];
    const obstacles = new Map<string, Obstacle>();
    for (const id of prefer) {
      const found = await this.candidate(id, request);
      if ('kind' in found) obstacles.set(id, found);
      else candidates.push(found);
    }
    if (candidates.length === 0) return noRoute(analyzer, [...obstacles.values()]);
    const key = `${job.stream.streamId} ${analyzer.definition.id}`;
    const chosen = deadline === undefined ? candidates[0]! : this.inTime(key, candidates, deadline);
    const late = candidates
      .slice(0, candidates.indexOf(chosen))
      .map(({ place, expectedMs }) => `${place.id} would be done after ${seconds(expectedMs)} of ${seconds(deadline ?? 0)}`);
    this.remember(key, late.length > 0 ? chosen.place.id : undefined);
    const isLate = deadline !== undefined && chosen.expectedMs > deadline;
    const before = prefer.slice(0, prefer.indexOf(chosen.place.id)).flatMap((id) => obstacles.get(id)?.text ?? []);
    const reasons = [...before, ...late, ...(isLate ? [`late everywhere: ${seconds(chosen.expectedMs)} of ${seconds(deadline)}`] : [])];
    return {
      kind: 'go',
      place: chosen.place,
      quote: chosen.quote,
      reason: reasons.length === 0 ? 'preferred' : reasons.join('; '),
      hasOthers: candidates.length > 1,
    };
  }

  private async candidate(id: string, { analyzer, job, waitedMs, ruledOut }: RouteRequest): Promise<Candidate | Obstacle> {
    const place = this.strategies.get(id);
    if (place === undefined) return { kind: 'unable', text: `${id} is not loaded` };
    const known = ruledOut.get(id);
    if (known !== undefined) return known;
    if (job.stream.isPrivate === true && place.reach === 'cloud')
      return { kind: 'private', text: `${id} is a cloud and the stream is private` };
    const { status, detail } = await healthOf(place);
    const isDown = status === 'down';
    // One that is down cannot know what its hosts would take.
    if (isDown) return { kind: 'away', text: `${id} is down${detail === undefined ? '' : `: ${detail}`}` };
    const isTaken = takes(place, job);
    if (isTaken !== true) return { kind: mayChangeItsMind(place, status) ? 'away' : 'unable', text: `${id} does not take it${isTaken}` };
    if (!place.breaker.allows) return { kind: 'away', text: `${id} rests after failures in a row` };
    // Without a quote nothing can be set aside for it.
    const quote = await quoteOf(place, job).catch((error: unknown): Obstacle => ({
      kind: 'away',
      text: `${id} gives no quote: ${errorText(error)}`,
    }));
    if ('kind' in quote) return quote;
    const mediaMs = (job.segment.ptsEndUs - job.segment.ptsStartUs) / 1_000;
    const runMs = this.runTimes.expectMs(id, analyzer.definition.id, mediaMs) ?? quote.runMs ?? 0;
    return { place, quote, expectedMs: waitedMs + quote.startDelayMs + runMs };
  }

  /** The first that is in time; where none is, the soonest. */
  private inTime(key: string, candidates: readonly Candidate[], deadlineMs: number): Candidate {
    const last = this.elsewhere.get(key);
    const lastRank = last === undefined ? 0 : candidates.findIndex(({ place }) => place.id === last);
    const inTime = candidates.find(
      ({ expectedMs }, rank) => expectedMs <= (rank < lastRank ? deadlineMs * (1 - SPARE_TO_COME_BACK) : deadlineMs),
    );
    return inTime ?? candidates.reduce((soonest, candidate) => (candidate.expectedMs < soonest.expectedMs ? candidate : soonest));
  }

  private remember(key: string, strategyId: string | undefined): void {
    if (strategyId === undefined) this.elsewhere.delete(key);
    else this.elsewhere.set(key, strategyId);
  }
}

function noRoute({ definition, placement }: RegisteredAnalyzer, obstacles: readonly Obstacle[]): Route {
  const text = obstacles.map((obstacle) => obstacle.text).join('; ');
  if (obstacles.some(({ kind }) => kind === 'failed')) return { kind: 'exhausted' };
  if (obstacles.some(({ kind }) => kind === 'away')) return { kind: 'wait', reason: text };
  const final = obstacles.find(({ kind }) => kind === 'budget' || kind === 'private');
  if (final !== undefined) return { kind: 'skip', reason: `${final.kind}: ${text}` };
  return {
    kind: 'fail',
    error: queueError(
      'VD_PIPELINE_NO_STRATEGY',
      `${definition.id} prefers ${placement.execution.prefer.join(', ')}; none of them takes it: ${text}`,
    ),
  };
}

/** @returns true, or what it threw when it was asked */
function takes({ strategy }: StrategyPlace, { tasks }: AnalysisJob): true | string {
  try {
    return tasks.every((task) => strategy.supports(task)) || '';
  } catch (error) {
    return `: ${errorText(error)}`;
  }
}

/** Other machines may be upgraded, or come back; this one, and a service with its list of tasks, are as they are. */
const mayChangeItsMind = ({ reach, standsIn }: StrategyPlace, status: StrategyHealth['status']): boolean =>
  status !== 'up' || (reach !== 'worker' && !standsIn);

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
