import type { ZodType } from 'zod';
import type { SegmentInfo, StreamInfo } from './analyzer.js';
import type { Injections } from './injection.js';
import type { JsonValue } from './json.js';
import type { AnalysisResult } from './result.js';

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
  readonly configHash: string;
  readonly config: JsonValue;
  /** For stateful analyzers: what the previous segment left. Absent: start afresh. */
  readonly checkpoint?: Checkpoint;
  /** The reference set it must work with; the strategy sees to it that the analyzer has that revision, or a later one. */
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
    readonly sizeBytes: number;
    /** Access units counted when the segment was probed: what "every frame" means. */
    readonly frameCount: number;
    readonly keyframeCount: number;
  };
  readonly tasks: readonly AnalyzerTask[];
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
  /** Which process or machine did it, for a person. */
  readonly executedBy: string;
}

/** What a job would take; routing (later) chooses by it. */
export interface Quote {
  readonly startDelayMs: number;
  readonly runMs: number;
  readonly costPerJob: number;
}

export interface StrategyHealth {
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string;
}

/**
 * **Extension point: execution strategy.** Decides where a job's analyzers run. Core owns retries, deadlines, the circuit
 * breaker and the order of fall-back; a strategy does one job or throws a coded error.
 * `execute` must settle soon after `signal` aborts and must answer for every task exactly once.
 */
export interface ExecutionStrategy {
  supports(task: AnalyzerTask): boolean;
  quote?(job: AnalysisJob): Promise<Quote> | Quote;
  execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome>;
  /** The results of a job were not committed (a later attempt won): drop in-memory state of these runs. */
  discard?(job: AnalysisJob): void;
  health(): Promise<StrategyHealth> | StrategyHealth;
  close?(): Promise<void>;
}

export interface ExecutionStrategyDefinition<Config = any> {
  /** Used in config: `execution: { prefer: [local] }`. */
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly config: ZodType<Config>;
  readonly inject?: Injections;
  create(config: Config, ...injected: any[]): ExecutionStrategy | Promise<ExecutionStrategy>;
}

export function defineStrategy<Config>(
  definition: ExecutionStrategyDefinition<Config>,
): ExecutionStrategyDefinition<Config> {
  return definition;
}

/** Core's pool of analysis host processes on this machine; the `local` strategy stands on it. */
export interface AnalysisHostPool {
  execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome>;
  discard(job: AnalysisJob): void;
  health(): StrategyHealth;
}
export const ANALYSIS_HOST_POOL = Symbol.for('vedette.analysis-host-pool');
