import type { ZodType } from 'zod';
import type { SegmentInfo, StreamInfo } from './segment.js';
import type { Injections } from './injection.js';
import type { JsonObject, JsonValue } from './json.js';
import type { AnalysisResult } from './result.js';
import type { Thumbnail } from './thumbnail.js';
import type { PtsUs } from './time.js';

/** How far media is carried: no further than its worker, to machines of the operator's own network, or to a third party. */
export const REACHES = ['worker', 'lan', 'cloud'] as const;
export type Reach = (typeof REACHES)[number];

/** What may be spent, in the currency of the operator's own price lists. Days and months are UTC. */
export interface Budget {
  readonly perDay?: number;
  readonly perMonth?: number;
}

/** State an analyzer left after a segment; valid for the segment that follows. */
export interface Checkpoint {
  readonly epochId: string;
  readonly sequence: number;
  readonly data: JsonValue;
}

/** One analyzer's share of a job. */
export interface AnalyzerTask {
  readonly runId: string;
  readonly attempt: number;
  readonly analyzerId: string;
  readonly analyzerVersion: string;
  /** What the analyzer solves, from its manifest: a strategy that does not run analyzers stands in for one of these. */
  readonly solves: readonly string[];
  readonly configHash: string;
  readonly config: JsonValue;
  /**
   * The options as the operator wrote them; the analyzer's schema turned them into `config`. A machine with its own config parses them
   * again and compares the hash.
   */
  readonly writtenConfig?: JsonObject;
  /** For stateful analyzers: what the previous segment left. Absent: start afresh. */
  readonly checkpoint?: Checkpoint;
  /** The reference set that the analyzer needs; the strategy provides that revision or a later one. */
  readonly references?: { readonly kind: string; readonly revision: number };
  /** Name of the gate that must be open for it, from its config's `when`. */
  readonly when?: string;
}

/** One segment x one queue: every task shares one decode. Serialisable: it crosses processes and machines. */
export interface AnalysisJob {
  readonly jobId: string;
  readonly queue: string;
  readonly stream: StreamInfo;
  readonly segment: SegmentInfo & {
    /** Path below the media folder, forward slashes; a strategy turns it into a file or a signed URL. */
    readonly path: string;
    /** The media folder that has it: id of the ingest node that wrote it. */
    readonly nodeId: string;
    /** Where a machine that has no such folder fetches it; short-lived, so it is signed when the job leaves (`SEGMENT_URLS`). */
    readonly url?: string;
    /** The same for the segment before: the end of its sound is needed where this one is decoded elsewhere than that one was. */
    readonly urlBefore?: string;
    /** The same for what stands before all segments of its epoch, where its container has it in a file of its own. */
    readonly urlInitialization?: string;
    readonly sizeBytes: number;
    /** Access units counted when the segment was probed: what "every frame" means. */
    readonly frameCount: number;
    readonly keyframeCount: number;
  };
  readonly tasks: readonly AnalyzerTask[];
  /** Moments of the segment of which small pictures are wanted, for the stream's timeline, where its pictures are decoded anyway. */
  readonly thumbnailsAtUs?: readonly PtsUs[];
}

export type TaskOutcome =
  | {
      readonly runId: string;
      readonly status: 'done' | 'partial';
      readonly results: readonly AnalysisResult[];
      readonly framesSeen: number;
      readonly framesExpected: number;
      readonly checkpoint?: JsonValue;
      /** Why it is partial, for a person. */
      readonly reason?: string;
      readonly cpuMs: number;
    }
  | { readonly runId: string; readonly status: 'skipped'; readonly reason: string }
  | {
      readonly runId: string;
      readonly status: 'failed';
      /** Coded (`VD_…`). */
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    };

export interface AnalysisOutcome {
  readonly tasks: readonly TaskOutcome[];
  /** Milliseconds of wall time and of CPU for the whole job, decode included. */
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly decodeCpuMs: number;
  /** What the job cost, in the currency of the strategy's price list; absent: nothing. */
  readonly cost?: number;
  /** Which process or machine did it, for a person. */
  readonly executedBy: string;
  /** Of `thumbnailsAtUs`, as many as there are. */
  readonly thumbnails?: readonly Thumbnail[];
}

/** A strategy's estimate for a job; the router compares estimates. */
export interface Quote {
  /** How long it would wait before it begins. */
  readonly startDelayMs: number;
  /** Absent if the strategy cannot know it: core then uses its own measurements. */
  readonly runMs?: number;
  /** The most that the job can cost. Core reserves this amount before the job starts, and releases what was not spent. */
  readonly costPerJob: number;
}

export interface StrategyHealth {
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string;
}

/** A strategy reports a job's progress to core by this. If it reports nothing, core counts the job as begun at once. */
export interface JobProgress {
  /** The job waits for a free place. The wait is no part of its time limit, and a job that ends before it began was no attempt. */
  waits(): void;
  /** The work begins: its time limit counts from here. */
  begins(): void;
}

/**
 * **Extension point: execution strategy.** Decides where a job's analyzers run. Core owns retries, deadlines, the circuit
 * breaker and the order of fall-back; a strategy does one job or throws a coded error.
 * `execute` must settle soon after `signal` aborts and must answer for every task exactly once, in the form of `outcomeSchema`:
 * an answer of another form is the strategy's fault, and its tasks are tried elsewhere.
 */
export interface ExecutionStrategy {
  /** What the strategy may spend for all analyzers together; core enforces it across all workers. */
  readonly budget?: Budget;
  supports(task: AnalyzerTask): boolean;
  quote?(job: AnalysisJob): Promise<Quote> | Quote;
  execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome>;
  /** The results of a job were not committed (a later attempt won): drop in-memory state of these runs. */
  discard?(job: AnalysisJob): void;
  health(): Promise<StrategyHealth> | StrategyHealth;
  /**
   * The state of the places that the strategy sends work to, for the dashboard. Core calls this for each heartbeat of the worker: it
   * must be cheap and return a few kilobytes at most.
   */
  report?(): JsonObject;
  close?(): Promise<void>;
}

export interface ExecutionStrategyDefinition<Config = any> {
  /** Used in config: `execution: { prefer: [local] }`. */
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** How far the strategy sends media. Default `worker`. Core gives media of private streams to no strategy with the reach `cloud`. */
  readonly reach?: Reach;
  /** `none`: it keeps no state between segments, so stateful analyzers cannot run on it. Default `stream`. */
  readonly state?: 'none' | 'stream';
  /** Tasks that the strategy does instead of the analyzer. Absent: it runs the analyzers themselves, whatever they solve. */
  readonly solves?: readonly string[];
  readonly config: ZodType<Config>;
  readonly inject?: Injections;
  create(config: Config, ...injected: any[]): ExecutionStrategy | Promise<ExecutionStrategy>;
}

export function defineStrategy<Config>(definition: ExecutionStrategyDefinition<Config>): ExecutionStrategyDefinition<Config> {
  return definition;
}

/** How busy a pool of analysis hosts is. */
export interface PoolLoad {
  /** Jobs that can be under way at once: hosts that are up, times jobs per host. */
  readonly capacity: number;
  readonly running: number;
  readonly waiting: number;
}

/** Core's pool of analysis host processes on this machine; the `local` strategy uses it. */
export interface AnalysisHostPool {
  load(): PoolLoad;
  /** @param progress is called when the job waits for a host, and when a host takes it */
  execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome>;
  discard(job: AnalysisJob): void;
  health(): StrategyHealth;
}
export const ANALYSIS_HOST_POOL = Symbol.for('vedette.analysis-host-pool');
