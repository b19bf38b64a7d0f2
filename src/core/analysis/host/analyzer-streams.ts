import { analysisError } from '../../errors/analysis.errors.js';
import { flawOfJson, RESULT_LIMITS } from '../../plugin-api/index.js';
import type {
  AnalysisJob,
  Analyzer,
  AnalyzerTask,
  Checkpoint,
  Emit,
  JsonObject,
  JsonValue,
  PtsUs,
  StreamInfo,
} from '../../plugin-api/index.js';

/** Warm streams per host and analyzer; past it the longest idle one is closed and would reopen from its checkpoint. */
const MAX_WARM = 1024;
/** Media time between two segments that is more than a late frame. */
const GAP_US = 500_000;

interface WarmStream {
  readonly analyzer: Analyzer;
  readonly stream: StreamInfo;
  /** A stream's past is gone through again in a queue of its own, maybe up to the very segment that is live. */
  readonly queue: string;
  /** Last segment processed. */
  sequence: number;
  ptsEndUs: PtsUs;
}

const discardResult: Emit = () => undefined;

/**
 * Which streams the stateful analyzers of this host have open, and after which segment. The checkpoint in the ledger decides:
 * warm state is used only if it is of the very segment the checkpoint was taken after, else the analyzer starts from the
 * checkpoint. So a job that was not committed, or was done elsewhere in between, leaves no trace.
 */
export class StreamStates {
  /** By analyzer: what one of them has open is closed while no other runs for it. */
  private readonly warm = new Map<string, Map<string, WarmStream>>();

  /** Brings the analyzer to the state before `job`'s segment; tells it of media missing in between. */
  async enter(analyzer: Analyzer, task: AnalyzerTask, job: AnalysisJob, emit: Emit): Promise<void> {
    const { stream, segment } = job;
    const from = task.checkpoint?.epochId === segment.epochId && task.checkpoint.sequence < segment.sequence ? task.checkpoint : undefined;
    const warm = this.take(task, stream);
    let ptsEndUs = warm?.ptsEndUs;
    const isCurrent = warm !== undefined && isOf(warm, job) && warm.sequence === from?.sequence;
    if (!isCurrent) {
      if (warm !== undefined) await close(warm);
      const envelope = from && unwrap(from);
      ptsEndUs = envelope?.ptsEndUs;
      await analyzer.openStream?.(stream, envelope?.data);
    }
    if (from !== undefined && ptsEndUs !== undefined) {
      const missing = segment.sequence > from.sequence + 1 || segment.ptsStartUs - ptsEndUs > GAP_US;
      if (missing) await analyzer.gap?.(ptsEndUs, segment.ptsStartUs, emit, stream);
    }
  }

  /**
   * Remembers the state after the job's segment.
   * @returns what to store with its results
   * @throws VD_ANALYZER_BAD_RESULT for a checkpoint that cannot be stored
   */
  async leave(analyzer: Analyzer, task: AnalyzerTask, job: AnalysisJob): Promise<JsonValue> {
    const { stream, segment } = job;
    const checkpoint = { ptsEndUs: segment.ptsEndUs, data: analyzer.checkpoint?.(stream) ?? null };
    const flaw = flawOfJson(checkpoint, RESULT_LIMITS.checkpointBytes);
    if (flaw !== undefined) throw analysisError('VD_ANALYZER_BAD_RESULT', `The checkpoint of ${task.analyzerId} ${flaw}`);
    const warm = this.warm.get(keyOf(task)) ?? new Map<string, WarmStream>();
    this.warm.set(keyOf(task), warm);
    warm.set(stream.streamId, { analyzer, stream, queue: job.queue, sequence: segment.sequence, ptsEndUs: segment.ptsEndUs });
    for (const [streamId, idle] of warm) {
      if (warm.size <= MAX_WARM) break;
      warm.delete(streamId);
      await close(idle);
    }
    return checkpoint;
  }

  /** Forgets the stream without a word: the task failed, or its results were not committed. */
  async drop(task: AnalyzerTask, stream: StreamInfo, analyzer?: Analyzer): Promise<void> {
    const open = this.take(task, stream) ?? (analyzer && { analyzer, stream, queue: '', sequence: -1, ptsEndUs: 0 });
    if (open !== undefined) await close(open);
  }

  /** Closes all that these analyzers have open: the instance is about to go. */
  async dropAll(analyzer: Analyzer): Promise<void> {
    for (const warm of this.warm.values()) {
      for (const [streamId, open] of warm) {
        if (open.analyzer !== analyzer) continue;
        warm.delete(streamId);
        await close(open);
      }
    }
  }

  private take(task: AnalyzerTask, { streamId }: StreamInfo): WarmStream | undefined {
    const warm = this.warm.get(keyOf(task));
    const taken = warm?.get(streamId);
    warm?.delete(streamId);
    return taken;
  }
}

const keyOf = ({ analyzerId, configHash }: AnalyzerTask): string => `${analyzerId} ${configHash}`;

const isOf = (warm: WarmStream, { queue, segment }: AnalysisJob): boolean =>
  warm.queue === queue && warm.stream.epochId === segment.epochId;

/** What it would still emit belongs to segments that are settled: core closes open events itself. */
async function close({ analyzer, stream }: WarmStream): Promise<void> {
  try {
    await analyzer.closeStream?.(stream, discardResult);
  } catch {
    // The state is being thrown away; whether that went well changes nothing.
  }
}

function unwrap(checkpoint: Checkpoint): { ptsEndUs?: PtsUs; data?: JsonValue } {
  const envelope = checkpoint.data as JsonObject | null;
  if (typeof envelope !== 'object' || envelope === null || typeof envelope['ptsEndUs'] !== 'number') return {};
  return { ptsEndUs: envelope['ptsEndUs'], data: envelope['data'] ?? undefined };
}
