import { CodedError, type EncodedFrame, type FrameLossReason, giveUpMemory, type Logger, type PtsUs } from '../../../plugin-api/index.js';
import { mediaError } from '../../../errors/media.errors.js';
import { doneWithin } from '../../../runtime/within.js';
import type { PackagedLoss } from '../packager.js';
import type { MuxedTracks, SegmentMuxer } from '../segment-muxer.js';
import { FrameEntries } from './entry-point.js';
import { LossAccount } from './loss-account.js';
import { type CutPart, PartCutter } from './part-cutter.js';
import type { SegmentLimits } from './segment-limits.js';
import { SegmentTally, type TallyFacts } from './segment-tally.js';
import { SegmentWriter, type SegmentWriterOptions, type WrittenPart, type WrittenSegment } from './segment-writer.js';
import { Segmenter } from './segmenter.js';

/** A disk that takes nothing, and does not fail, for so long hangs. */
const HANG_MS = 5000;
/** So much is written at once, before its time. */
const FLUSH_BYTES = 256 * 1024;
/** How long after a failure writing is tried again. */
const RETRY_MS = 1000;
/** A single picture is on show no longer than this: publishers' clocks that jump further begin another epoch. */
const MAX_LONE_US = 10_000_000;

export interface FrameRecorderOptions {
  readonly muxer: SegmentMuxer;
  readonly tracks: MuxedTracks;
  readonly limits: SegmentLimits;
  readonly files: SegmentWriterOptions;
  readonly logger: Logger;
}

export interface RecorderEvents {
  closed(segment: WrittenSegment, facts: TallyFacts): void;
  lost(loss: PackagedLoss): void;
  /** There is more room than before. */
  room(): void;
  /** Whether somebody wants the parts of the segment that begins. */
  wantsParts(): boolean;
  part(part: WrittenPart): void;
}

/**
 * Puts frames into segments and segments onto the disk. Each frame it takes is in a segment that it tells of, or in a loss. A disk that
 * fails ends nothing: recording goes on with the first keyframe after it is back.
 */
export class FrameRecorder {
  readonly losses: LossAccount;
  /** Why the last write failed, until one succeeds. */
  fault: Error | undefined;
  hasWritten = false;
  private readonly segmenter: Segmenter;
  private readonly writer: SegmentWriter;
  private readonly entries: FrameEntries;
  private readonly parts: PartCutter;
  private tally = new SegmentTally();
  /** Muxed and not given to the writer yet. */
  private muxedBytes = 0;
  /** Taken, and neither told of in a segment nor lost. */
  private readonly unsettled = { video: 0, audio: 0 };
  private firstUs: PtsUs | undefined;
  private latestUs: PtsUs | undefined;
  /** The segment that was told of last; what it has to say of the next. */
  private last: { readonly sequence: number; readonly ptsEndUs: PtsUs; readonly lastUs: PtsUs } | undefined;
  private frameUs: number | undefined;
  /** Nothing is given to the segmenter. */
  private isBlocked = false;
  private retryAtMs = 0;
  private recovering: Promise<void> | undefined;
  private dropReason: FrameLossReason = 'no-keyframe';

  constructor(
    private readonly options: FrameRecorderOptions,
    private readonly events: RecorderEvents,
  ) {
    this.losses = new LossAccount((loss) => events.lost(loss));
    this.entries = new FrameEntries(options.tracks.video);
    this.parts = new PartCutter(options.tracks.video !== undefined);
    const { files, muxer } = options;
    this.writer = new SegmentWriter(
      files,
      {
        closed: (segment) => this.closed(segment),
        failed: (error) => this.failed(error),
        written: () => this.written(),
        part: (part) => events.part(part),
      },
      () => muxer.initialization,
    );
    this.segmenter = new Segmenter(
      options.limits,
      options.tracks,
      {
        begin: () => this.begin(),
        frame: (frame) => this.mux(frame),
        end: (nextUs) => this.endSegment(nextUs),
        drop: (frame) => this.settleLost(this.dropReason, frame),
        isClosed: (keyframe) => this.entries.of(keyframe).isClosed,
      },
      (files.firstSequence ?? 0) > 0,
    );
  }

  /** Taken and not written yet. */
  get waitingBytes(): number {
    return this.muxedBytes + this.writer.waitingBytes;
  }

  /** The last segment that is complete; -1: none. */
  get lastSequence(): number {
    return this.writer.lastSequence;
  }

  put(frame: EncodedFrame): void {
    this.unsettled[frame.track] += 1;
    this.firstUs ??= frame.ptsUs;
    this.latestUs = Math.max(this.latestUs ?? frame.ptsUs, frame.ptsUs);
    if (this.isBlocked) return this.settleLost('packager-failed', frame);
    this.segmenter.put(frame);
    if (this.muxedBytes >= FLUSH_BYTES) this.flush();
  }

  /** Gives what has come to the writer, and tries again after a failure. */
  tick(nowMs: number): void {
    if (this.isBlocked && nowMs >= this.retryAtMs) void this.recover(nowMs);
    this.flush();
  }

  /** All that was taken is written, or lost. Never rejects. */
  async finish(): Promise<void> {
    if (!this.isBlocked) this.segmenter.finish();
    if (await this.isWritten()) {
      await this.recovering;
      if (this.writer.hasFailed) await this.recover(performance.now());
    } else {
      this.isBlocked = true;
      this.writer.abandon(mediaError('VD_MEDIA_PACKAGER_STALLED', `${this.options.files.directory} took nothing for ${HANG_MS} ms`));
      void this.writer.letGo().catch(() => undefined);
    }
    this.settleRest();
    this.losses.flush(this.lastSequence);
  }

  /** Gives up what waits to be written. What is in the file stays. */
  async abandon(error: Error): Promise<void> {
    this.writer.abandon(error);
    await this.finish();
  }

  /** @returns false when the disk takes nothing any more, nor says so. As long as it takes something, however slowly, it is waited for. */
  private async isWritten(): Promise<boolean> {
    for (let leftBytes = this.writer.waitingBytes; ; leftBytes = this.writer.waitingBytes) {
      if (await doneWithin(HANG_MS, this.writer.idle())) return true;
      if (this.writer.waitingBytes === leftBytes) return false;
    }
  }

  private begin(): void {
    this.tally = new SegmentTally();
    this.options.muxer.beginSegment();
    this.parts.begin(this.events.wantsParts());
    this.dropReason = 'no-keyframe';
  }

  private mux(frame: EncodedFrame): boolean {
    const part = this.parts.before(frame);
    if (part !== undefined) this.flush(frame.dtsUs, part);
    try {
      this.options.muxer.add(frame);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'VD_MEDIA_FRAME_DAMAGED') throw error;
      if (frame.track === 'video') this.tally.missing += 1;
      this.settleLost('damaged', frame);
      return false;
    }
    this.muxedBytes += frame.data.length;
    const isWhole = frame.keyframe && this.entries.of(frame).isWhole;
    this.tally.add(frame, isWhole);
    this.parts.add(frame, isWhole);
    // In MPEG-TS a picture is a copy by now.
    if (frame.track === 'video' && this.options.muxer.container === 'mpegts') giveUpMemory(frame.data);
    return true;
  }

  private flush(nextUs?: PtsUs, part?: CutPart): void {
    if (this.muxedBytes === 0 && part === undefined) return;
    this.muxedBytes = 0;
    const bytes = this.options.muxer.take(nextUs);
    if (bytes.length > 0 || part !== undefined) this.writer.append(this.tally, bytes, part);
  }

  private endSegment(nextUs: PtsUs | undefined): void {
    this.flush(nextUs, this.parts.end(nextUs));
    this.writer.close(this.tally, nextUs);
  }

  private closed(segment: WrittenSegment): void {
    const { sequence, tally, mark, nextUs } = segment;
    const { last } = this;
    const facts = tally.describe(mark, nextUs, this.loneFrameUs(tally));
    this.unsettled.video -= mark.videoFrames;
    this.unsettled.audio -= mark.audioFrames;
    if (last !== undefined) this.losses.stretch(last.sequence, last.ptsEndUs, facts.ptsStartUs);
    this.frameUs = facts.stepUs ?? this.loneFrameUs(tally);
    this.last = { sequence, ptsEndUs: facts.ptsEndUs, lastUs: facts.lastUs };
    this.events.closed(segment, facts);
    this.losses.flush(sequence);
  }

  /** For a single picture: as long as the one before it was on show. */
  private loneFrameUs(tally: SegmentTally): number | undefined {
    const { firstUs } = tally;
    if (this.last === undefined || firstUs === undefined || firstUs <= this.last.lastUs) return this.frameUs;
    return Math.min(firstUs - this.last.lastUs, MAX_LONE_US);
  }

  private written(): void {
    this.hasWritten = true;
    this.fault = undefined;
    this.events.room();
  }

  private failed(error: Error): void {
    if (this.fault === undefined) this.options.logger.warn('A segment cannot be written', { folder: this.options.files.directory, error });
    this.fault = error;
    this.isBlocked = true;
    this.muxedBytes = 0;
    this.options.muxer.take(); // nobody will have it
    this.dropReason = 'packager-failed';
    this.segmenter.breakOff();
    this.parts.begin(false);
    this.events.room();
    void this.recover(performance.now());
  }

  /** Never rejects. The first try comes at once: of what a full disk still took, a segment can mostly be made. */
  private recover(nowMs: number): Promise<void> {
    this.recovering ??= this.recoverOnce(nowMs).finally(() => (this.recovering = undefined));
    return this.recovering;
  }

  private async recoverOnce(nowMs: number): Promise<void> {
    if (this.writer.hasFailed) {
      this.retryAtMs = nowMs + RETRY_MS;
      try {
        await this.writer.recover();
      } catch (error) {
        this.fault = error as Error;
        return;
      }
      this.settleRest();
      return;
    }
    this.isBlocked = false;
  }

  private settleLost(reason: FrameLossReason, frame: EncodedFrame): void {
    this.unsettled[frame.track] -= 1;
    this.losses.frame(this.lastSequence, reason, frame);
  }

  /** Nothing is under way any more: what is neither in a segment nor lost is lost now. */
  private settleRest(): void {
    const { video: videoFrames, audio: audioFrames } = this.unsettled;
    const { firstUs, latestUs: toPtsUs } = this;
    if (firstUs === undefined || toPtsUs === undefined) return;
    const fromPtsUs = Math.min(this.last?.ptsEndUs ?? firstUs, toPtsUs);
    this.losses.add(this.lastSequence, { reason: 'packager-failed', videoFrames, audioFrames, fromPtsUs, toPtsUs });
    this.unsettled.video = this.unsettled.audio = 0;
  }
}
