import type { JobsOptions } from 'bullmq';
import type { VedetteConfig } from '../config/schema.js';
import type { PendingJob } from '../persistence/ledger/ingest-ledger.js';
import type { LaneKey } from '../persistence/ledger/run-ledger.js';

export const ANALYZE_SEGMENT = 'analyze-segment';
const KEEP_FAILED = { count: 1_000, age: 7 * 86_400 };

/** What a job carries: ids only. What there is to do is in the ledger. */
export interface AnalyzeSegmentJob extends LaneKey {
  /** Absent when the lane was rung for, whatever its next segment. */
  readonly segmentId?: string;
  readonly epochId?: string;
  readonly sequence?: number;
}

export interface QueuedJob {
  readonly name: string;
  readonly data: AnalyzeSegmentJob;
  readonly opts: JobsOptions;
}

/** The job for a segment: its id is made of what it stands for, so that ringing twice is one job. */
export function segmentJob(job: PendingJob, { attempts, backoff }: VedetteConfig['queues']): QueuedJob {
  return {
    name: ANALYZE_SEGMENT,
    data: { streamId: job.streamId, queue: job.queue, segmentId: job.segmentId, epochId: job.epochId, sequence: job.sequence },
    opts: {
      jobId: `s${job.segmentId}-${job.queue}`,
      attempts,
      backoff: { type: 'exponential', delay: backoff },
      removeOnComplete: true,
      // Dead jobs keep their error for operators.
      removeOnFail: KEEP_FAILED,
    },
  };
}

/**
 * A ring for a lane with work and nobody at it. While one waits or is under way, another of the same occasion is the same ring. Its job
 * has an id of its own: a dead or half-done job would swallow later rings of that id, and it stays, since the runs that failed for
 * good during a visit (every retry is rung for so) are told by the visit's job.
 * @param occasion tells rings apart that must not swallow each other (the fence of the holder that rings for its successor)
 */
export function laneJob(lane: LaneKey, occasion: string, delayMs: number): QueuedJob {
  return {
    name: ANALYZE_SEGMENT,
    data: { streamId: lane.streamId, queue: lane.queue },
    opts: {
      deduplication: { id: `l${lane.streamId}-${lane.queue}-${occasion}` },
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: KEEP_FAILED,
      ...(delayMs > 0 ? { delay: Math.ceil(delayMs) } : {}),
    },
  };
}
