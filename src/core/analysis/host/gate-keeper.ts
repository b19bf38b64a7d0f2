import { LRUCache } from 'lru-cache';
import { type AnalysisJob, errorText, type GateVerdict, type Logger, type StreamInfo } from '../../plugin-api/index.js';
import type { DecoderCache } from '../../decode/decoder-cache.js';
import type { AnalyzerInstances } from './analyzer-instances.js';
import type { ScalerCache } from './frame-fan-out.js';
import type { SegmentContents } from './segment-contents.js';
import { LazyGlance } from './segment-glance.js';
import { KeyedLock } from './keyed-lock.js';

/** Streams whose last verdict is kept, for all gates of this host. */
const KEPT = 4096;
/** Faults already reported: a gate that fails on every segment is not reported for every segment. */
const MAX_TOLD = 256;
const REASON = /^[a-z0-9-]{1,64}$/;
const OPEN: GateVerdict = { gate: 'open' };

interface KeptVerdict {
  readonly epochId: string;
  readonly sequence: number;
  readonly verdict: GateVerdict;
}

/**
 * Asks gates whether a segment is worth decoding. A gate that cannot tell costs work, never results: where it is missing,
 * throws or answers nonsense, and where the segment is damaged, it counts as open.
 */
export class GateKeeper {
  private readonly last = new LRUCache<string, KeptVerdict>({ max: KEPT });
  private readonly told = new Set<string>();
  /** A gate that does not say otherwise judges one segment at a time. */
  private readonly turns = new KeyedLock();

  constructor(
    private readonly instances: AnalyzerInstances,
    private readonly decoders: DecoderCache,
    private readonly logger: Logger,
  ) {}

  /**
   * @param scalers whose memory is this job's until it is done
   * @returns why, by name, the gates are closed that tasks of the job wait for
   */
  async closed(job: AnalysisJob, contents: SegmentContents, scalers: ScalerCache): Promise<ReadonlyMap<string, string>> {
    const reasons = new Map<string, string>();
    const gates = new Set(job.tasks.flatMap(({ when }) => (when === undefined ? [] : [when])));
    if (gates.size === 0 || contents.video === undefined || contents.video.units.length === 0) return reasons;
    if (contents.continuityErrors > 0 || contents.picturesLost > 0) return reasons;
    const glance = new LazyGlance(job, contents, this.decoders, scalers);
    for (const gate of gates) {
      const verdict = await this.verdict(gate, job, glance);
      if (verdict.gate === 'closed') reasons.set(gate, verdict.reason);
    }
    return reasons;
  }

  /** A gate is asked about each segment once and in order: of an attempt's repetition its memory would say that nothing moved. */
  private async verdict(gate: string, { queue, stream, segment }: AnalysisJob, glance: LazyGlance): Promise<GateVerdict> {
    const key = `${gate} ${queue} ${stream.streamId}`;
    const last = this.last.get(key);
    if (last !== undefined && last.epochId === segment.epochId && last.sequence >= segment.sequence) {
      return last.sequence === segment.sequence ? last.verdict : OPEN;
    }
    const verdict = await this.ask(gate, queue, stream, glance);
    this.last.set(key, { epochId: segment.epochId, sequence: segment.sequence, verdict });
    return verdict;
  }

  private async ask(gate: string, queue: string, stream: StreamInfo, glance: LazyGlance): Promise<GateVerdict> {
    let giveBack: (() => void) | undefined;
    try {
      const { analyzer, registered } = await this.instances.judge(gate, queue);
      if (analyzer.judge === undefined) throw new Error('it has no judge()');
      if (registered.definition.concurrent !== true) giveBack = await this.turns.take([`${gate} ${queue}`]);
      const verdict: unknown = await analyzer.judge(glance, stream);
      if (isVerdict(verdict)) return verdict;
      throw new Error(`its verdict is neither open, nor closed with a reason of a-z, 0-9 and -: ${JSON.stringify(verdict)?.slice(0, 200)}`);
    } catch (error) {
      this.tell(gate, errorText(error));
      return OPEN;
    } finally {
      giveBack?.();
    }
  }

  private tell(gate: string, detail: string): void {
    const fault = `${gate} ${detail}`;
    if (this.told.has(fault) || this.told.size >= MAX_TOLD) return;
    this.told.add(fault);
    this.logger.warn('A gate could not tell and counts as open', { gate, detail });
  }
}

function isVerdict(verdict: unknown): verdict is GateVerdict {
  const { gate, reason } = (verdict ?? {}) as { gate?: unknown; reason?: unknown };
  return gate === 'open' || (gate === 'closed' && typeof reason === 'string' && REASON.test(reason));
}
