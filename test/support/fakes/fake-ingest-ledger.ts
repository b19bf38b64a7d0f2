import type { StreamAssignment } from '../../../src/core/plugin-host/stream-assignments.js';
import {
  IngestLedger,
  type EpochGap,
  type EpochMedia,
  type EpochRecord,
  type OpenedEpoch,
  type PendingJob,
  type ProbedSegment,
} from '../../../src/core/persistence/ledger/ingest-ledger.js';
import { CodedError, type FrameLoss } from '../../../src/core/plugin-api/index.js';

export interface FakeEpoch extends OpenedEpoch {
  readonly ingestId: string;
  state: 'open' | 'closed';
  endReason: string | null;
  endedAtMs: number | undefined;
  media: EpochMedia | null;
  readonly segments: ProbedSegment[];
  readonly gaps: EpochGap[];
}

/** The ledger's contract in memory, strict: what the real one would refuse, or should never be asked, throws. */
export class FakeIngestLedger extends IngestLedger {
  readonly epochs = new Map<string, FakeEpoch>();
  /** While set every call fails with it: the database is away. */
  down: Error | null = null;
  /** How often a segment was offered that was registered already. */
  repeatedRegistrations = 0;
  /** Streams that exist; empty: all do. */
  readonly streams = new Set<string>();
  /** Ingest ids whose lease has lapsed. */
  readonly gone = new Set<string>();

  async openEpoch(input: { streamId: string; epochId: string; startedAtMs: number; ingestId: string }): Promise<OpenedEpoch> {
    await this.answer();
    const known = this.epochs.get(input.epochId);
    if (known !== undefined) return known;
    if (this.streams.size > 0 && !this.streams.has(input.streamId))
      throw new CodedError('VD_STREAM_NOT_FOUND', `no stream ${input.streamId}`);
    const ordinal = [...this.epochs.values()].filter((epoch) => epoch.streamId === input.streamId).length;
    const epoch: FakeEpoch = {
      ...input,
      ordinal,
      state: 'open',
      endReason: null,
      endedAtMs: undefined,
      media: null,
      segments: [],
      gaps: [],
    };
    this.epochs.set(input.epochId, epoch);
    return epoch;
  }

  async setEpochMedia(epochId: string, media: EpochMedia): Promise<void> {
    await this.answer();
    this.known(epochId).media ??= media;
  }

  async closeEpoch(epochId: string, reason: string, endedAtMs?: number): Promise<void> {
    await this.answer();
    const epoch = this.known(epochId);
    if (epoch.state === 'closed') return;
    Object.assign(epoch, { state: 'closed', endReason: reason, endedAtMs });
  }

  async registerSegments(epochId: string, segments: readonly ProbedSegment[], routes: readonly StreamAssignment[]): Promise<PendingJob[]> {
    await this.answer();
    const epoch = this.known(epochId);
    const jobs: PendingJob[] = [];
    for (const segment of segments) {
      if (epoch.segments.some(({ sequence }) => sequence === segment.sequence)) {
        this.repeatedRegistrations++;
        continue;
      }
      epoch.segments.push(segment);
      if (segment.state === 'unreadable') continue;
      for (const queue of new Set(routes.map((route) => route.queue))) {
        jobs.push({
          streamId: epoch.streamId,
          epochId,
          segmentId: `${epoch.epochId}-${segment.sequence}`,
          sequence: segment.sequence,
          queue,
        });
      }
    }
    return jobs;
  }

  async moveSegmentEnd(epochId: string, sequence: number, ptsEndUs: number): Promise<void> {
    await this.answer();
    const { segments } = this.known(epochId);
    const at = segments.findIndex((segment) => segment.sequence === sequence);
    if (at === -1) throw new Error(`no segment ${sequence} of epoch ${epochId}`);
    segments[at] = { ...segments[at]!, ptsEndUs };
  }

  async recordGap(gap: EpochGap): Promise<void> {
    await this.answer();
    const { gaps } = this.known(gap.epochId);
    if (gap.fromPtsUs !== null && gap.toPtsUs !== null && gap.toPtsUs < gap.fromPtsUs) throw new Error('a gap of negative length');
    const at = gaps.findIndex((known) => known.afterSequence === gap.afterSequence && known.reason === gap.reason);
    if (at === -1) gaps.push(gap);
    else gaps[at] = gap;
  }

  async addLoss({ streamId, epochId }: { streamId: string; epochId?: string }, loss: FrameLoss): Promise<boolean> {
    await this.answer();
    const epoch = epochId === undefined ? this.of(streamId).at(-1) : this.epochs.get(epochId);
    if (epoch === undefined) return false;
    const { reason, videoFrames, audioFrames } = loss;
    const { lastSequence: afterSequence, lastPtsEndUs: ptsUs } = record(epoch);
    const at = epoch.gaps.findIndex((known) => known.afterSequence === afterSequence && known.reason === reason);
    const known = epoch.gaps[at];
    const gap: EpochGap = {
      ...{ epochId: epoch.epochId, afterSequence, missingSequences: 0, fromPtsUs: ptsUs, toPtsUs: ptsUs, reason, ...known },
      ...{ videoFrames: (known?.videoFrames ?? 0) + videoFrames, audioFrames: (known?.audioFrames ?? 0) + audioFrames },
    };
    if (known === undefined) epoch.gaps.push(gap);
    else epoch.gaps[at] = gap;
    return true;
  }

  async registeredSequences(epochId: string): Promise<number[]> {
    await this.answer();
    return this.known(epochId)
      .segments.map(({ sequence }) => sequence)
      .sort((a, b) => a - b);
  }

  async epoch(epochId: string): Promise<EpochRecord | null> {
    await this.answer();
    const epoch = this.epochs.get(epochId);
    return epoch === undefined ? null : record(epoch);
  }

  async openEpochs(ingestId?: string): Promise<EpochRecord[]> {
    await this.answer();
    return [...this.epochs.values()]
      .filter((epoch) => epoch.state === 'open' && (ingestId === undefined || epoch.ingestId === ingestId))
      .map(record);
  }

  async closeLost(ingestId: string): Promise<string[]> {
    await this.answer();
    const lost = [...this.epochs.values()].filter(
      (epoch) => epoch.state === 'open' && epoch.ingestId !== ingestId && this.gone.has(epoch.ingestId),
    );
    for (const epoch of lost) Object.assign(epoch, { state: 'closed', endReason: 'ingest-lost' });
    return lost.map(({ epochId }) => epochId);
  }

  /** The epochs of a stream in their order. */
  of(streamId: string): FakeEpoch[] {
    return [...this.epochs.values()].filter((epoch) => epoch.streamId === streamId).sort((a, b) => a.ordinal - b.ordinal);
  }

  private known(epochId: string): FakeEpoch {
    const epoch = this.epochs.get(epochId);
    if (epoch === undefined) throw new Error(`no epoch ${epochId}`);
    return epoch;
  }

  private async answer(): Promise<void> {
    await Promise.resolve();
    if (this.down !== null) throw this.down;
  }
}

function record(epoch: FakeEpoch): EpochRecord {
  const { epochId, streamId, ordinal, startedAtMs, ingestId, state, media } = epoch;
  const last = epoch.segments.reduce<ProbedSegment | null>((a, b) => (a === null || b.sequence > a.sequence ? b : a), null);
  return {
    ...{ epochId, streamId, ordinal, startedAtMs, ingestId, state },
    ptsOriginUs: media?.ptsOriginUs ?? null,
    lastSequence: last?.sequence ?? -1,
    lastPtsEndUs: last?.ptsEndUs ?? null,
  };
}
