import type { JsonValue, Reach, Sampling } from '../plugin-api/index.js';

/** What the model of capacity is given: measured by the ledger, said by workers, written in the config. It asks nobody else. */
export interface CapacityFacts {
  readonly windowMs: number;
  readonly streams: readonly StreamFacts[];
  readonly analyzers: readonly AnalyzerFacts[];
  readonly strategies: readonly StrategyFacts[];
  /** Gates that an enabled analyzer is, by name. */
  readonly gates: readonly string[];
  readonly costs: readonly CostSample[];
  readonly jobs: readonly JobFacts[];
  readonly workers: readonly WorkerFacts[];
  readonly remoteHosts: readonly RemoteHostFacts[];
  readonly evidence: readonly QueueEvidence[];
  /** A live stream that lags more than this skips segments. */
  readonly maxLagMs: number;
  /** With more than one job at a time in a host, wall time says nothing of what share of a core it gets. */
  readonly jobsPerHost: number;
}

export interface StreamFacts {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isLive: boolean;
  readonly isEnabled: boolean;
  readonly pixels: number | null;
  readonly framesPerSecond: number | null;
  readonly keyframesPerSecond: number | null;
}

/** A config that asks for fewer frames, accepted by the analyzer's own schema. */
export interface SamplingStep {
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly sampling: Sampling;
}

export interface AnalyzerFacts {
  readonly id: string;
  readonly queue: string;
  readonly configHash: string;
  readonly pluginId: string;
  /** Its plugin, as the config file names it. */
  readonly use: string;
  readonly solves: readonly string[];
  readonly isStateful: boolean;
  readonly wantsPictures: boolean;
  readonly sampling: Sampling | null;
  /** Most pixels of a picture it is given; null for sound. `isFixedSize`: whatever the stream's size, it gets as many. */
  readonly picture: { readonly pixels: number; readonly isFixedSize: boolean } | null;
  /** From the least change to the greatest. */
  readonly cheaperSampling: readonly SamplingStep[];
  readonly when: string | null;
  readonly isGate: boolean;
  readonly prefer: readonly string[];
  readonly reach: Reach;
  readonly runsOn: (stream: Pick<StreamFacts, 'id' | 'name'>) => boolean;
}

export interface StrategyFacts {
  readonly id: string;
  readonly reach: Reach;
  readonly isStateless: boolean;
  /** Tasks it does in an analyzer's place; null: it runs analyzers themselves. */
  readonly standsInFor: readonly string[] | null;
}

/** Finished runs of one analyzer on one stream by one strategy. Rates are CPU-seconds per second of media, trimmed means. */
export interface CostSample {
  readonly streamId: string;
  readonly analyzerId: string;
  readonly configHash: string;
  readonly queue: string;
  readonly strategy: string;
  /** Analysed segments. */
  readonly openRuns: number;
  readonly analysisRate: number;
  /** Null where no run says what its decode cost. */
  readonly decodeRate: number | null;
  /** Standard deviation of a run's cost over its mean. */
  readonly spread: number | null;
  /** Segments the strategy skipped: a gate was closed, or there was nothing to look for. */
  readonly closedRuns: number;
  readonly closedRate: number;
  /** Of these, those for which a gate was closed. */
  readonly gatedRuns: number;
  readonly moneyPerMediaSecond: number | null;
  readonly pixels: number | null;
}

/** Jobs of a queue on one worker's own hosts. */
export interface JobFacts {
  readonly queue: string;
  readonly workerId: string;
  readonly jobs: number;
  readonly meanWallMs: number;
  /** Standard deviation of the wall time over its mean. */
  readonly spread: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface WorkerFacts {
  readonly id: string;
  readonly machine: string;
  readonly queues: readonly string[] | 'all';
  /** Null: a worker that does not say. */
  readonly hosts: number | null;
  readonly cores: number | null;
}

export interface RemoteHostFacts {
  readonly strategy: string;
  readonly name: string;
  /** Segments at once. */
  readonly capacity: number;
}

export interface QueueEvidence {
  readonly queue: string;
  readonly overloadSkips: number;
  readonly failedRuns: number;
  readonly finishedRuns: number;
  /** From a segment in the ledger to its results, in the earlier and the later half of the window. */
  readonly earlierLagMs: number | null;
  readonly laterLagMs: number | null;
  readonly p95LagMs: number | null;
  /** Age of the oldest segment of a live stream that waits. */
  readonly oldestWaitingMs: number;
  readonly cpuMs: number;
  /** From the first run that ended within the window until now. */
  readonly coveredMs: number;
}

/** What is asked beside "as it is". */
export interface WhatIf {
  /** So many more streams like the average one. */
  readonly moreStreams: number;
  /** So many more analysis hosts, a core each, that take every queue. */
  readonly moreHosts: number;
  /** Analyzer to be switched on for every stream. */
  readonly analyzerId: string | null;
  /** Every enabled stream counts as live. */
  readonly allStreams: boolean;
}
