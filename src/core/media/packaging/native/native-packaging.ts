import { mediaError } from '../../../errors/media.errors.js';
import type { EncodedFrame, FrameLoss } from '../../../plugin-api/index.js';
import type { PackagedMedia, PackagerExit, PackagerRequest, Packaging } from '../packager.js';
import { FLUSH_EVERY_MS, type FlushClock, type Ticking } from './flush-clock.js';
import { FrameOrder } from './frame-order.js';
import { FrameRecorder, type FrameRecorderOptions } from './frame-recorder.js';
import { IntakeFigures } from './intake-figures.js';
import { ToldParts } from './told-parts.js';

/** From here on whoever puts frames is asked to wait: about 4 s of a 16 Mbit/s stream. */
const SOFT_LIMIT_BYTES = 8 * 1024 ** 2;
/** Who does not wait is cut off here. */
const HARD_LIMIT_BYTES = 4 * SOFT_LIMIT_BYTES;
const PROGRESS_EVERY_MS = 500;
/** What is lost is told of with each segment, and in between no oftener than this. */
const LOSSES_EVERY_MS = 2000;

export interface NativePackagingOptions extends FrameRecorderOptions {
  readonly media: PackagedMedia;
  readonly clock: FlushClock;
}

/**
 * Packages frames within this process: see {@link FrameRecorder}. Counts what comes in, and holds back who puts more than can be written.
 */
export class NativePackaging implements Packaging, Ticking {
  readonly handsOver = true;
  readonly pid = undefined;
  readonly done: Promise<PackagerExit>;
  readonly flowing: Promise<void>;
  private readonly exit = Promise.withResolvers<PackagerExit>();
  private readonly flow = Promise.withResolvers<void>();
  private readonly order: FrameOrder;
  private readonly figures = new IntakeFigures();
  private readonly recorder: FrameRecorder;
  private readonly waiting = new Set<() => void>();
  private ending: Promise<void> | undefined;
  private toldAtMs = 0;
  private lossesToldAtMs = 0;

  constructor(
    private readonly request: Pick<PackagerRequest, 'closed' | 'lost' | 'progress' | 'parts'>,
    private readonly options: NativePackagingOptions,
  ) {
    const { files, media, tracks, clock } = options;
    this.done = this.exit.promise;
    this.flowing = this.flow.promise;
    this.order = new FrameOrder({ video: tracks.video !== undefined, audio: tracks.audio !== undefined });
    const parts = new ToldParts(request.parts);
    this.recorder = new FrameRecorder(options, {
      wantsParts: () => parts.areWanted,
      part: (part) => parts.written(part),
      lost: (loss) => request.lost?.(loss),
      room: () => this.room(),
      closed: ({ sequence, sizeBytes, checksum, tally }, { ptsStartUs, ptsEndUs, frameCount, audioFrameCount, keyframePtsUs }) =>
        request.closed?.({
          ...{ sequence, fileName: files.fileName(sequence), sizeBytes, ptsStartUs, ptsEndUs, frameCount, audioFrameCount },
          ...{ keyframePtsUs, missingFrames: tally.missing, checksum, media },
        }),
    });
    clock.add(this);
  }

  /** Takes frames only. */
  write(): boolean {
    return false;
  }

  put(frame: EncodedFrame): boolean {
    if (this.ending !== undefined) return false;
    this.figures.took(frame, performance.now());
    const refused = this.order.refuse(frame);
    if (refused === undefined) this.recorder.put(frame);
    else this.recorder.losses.frame(this.recorder.lastSequence, refused, frame);
    const { waitingBytes } = this.recorder;
    if (waitingBytes > HARD_LIMIT_BYTES) this.overrun();
    return waitingBytes <= SOFT_LIMIT_BYTES;
  }

  lost(loss: FrameLoss): void {
    this.recorder.losses.add(this.recorder.lastSequence, loss);
  }

  async drained(): Promise<void> {
    if (this.ending !== undefined || this.recorder.waitingBytes <= SOFT_LIMIT_BYTES) return;
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  end(): Promise<void> {
    this.ending ??= this.finish(() => this.recorder.finish(), { reason: 'ended' });
    return this.ending;
  }

  tick(nowMs: number): void {
    this.recorder.tick(nowMs);
    if (nowMs - this.toldAtMs < PROGRESS_EVERY_MS - FLUSH_EVERY_MS / 2) return;
    this.toldAtMs = nowMs;
    this.tell();
    if (nowMs - this.lossesToldAtMs < LOSSES_EVERY_MS - FLUSH_EVERY_MS / 2) return;
    this.lossesToldAtMs = nowMs;
    this.recorder.losses.flush(this.recorder.lastSequence);
  }

  private tell(): void {
    const news = this.figures.news(this.recorder.losses.byReason, this.recorder.fault);
    if (news !== undefined) this.request.progress?.(news);
  }

  private overrun(): void {
    const error = mediaError('VD_MEDIA_PACKAGER_OVERRUN', `${this.recorder.waitingBytes} bytes wait to be written`);
    this.ending ??= this.finish(() => this.recorder.abandon(error), { reason: 'packager-failed', error });
  }

  private async finish(work: () => Promise<void>, exit: PackagerExit): Promise<void> {
    await work();
    this.options.clock.remove(this);
    this.tell();
    this.letGo();
    this.exit.resolve(exit);
  }

  private room(): void {
    if (this.recorder.hasWritten) this.flow.resolve();
    if (this.recorder.waitingBytes <= SOFT_LIMIT_BYTES / 2) this.letGo();
  }

  private letGo(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
