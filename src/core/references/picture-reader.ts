import { Inject, Injectable } from '@nestjs/common';
import { fileURLToPath } from 'node:url';
import type { Box01 } from '../plugin-api/index.js';
import { brandError } from '../errors/brand.errors.js';
import type { FrameLook, FramePlace, ReadAnswers, ReadFrame, ReadImage, ReadRequest, SheetPlan } from './reader/reader-protocol.js';
import { ReaderEnded, ReaderProcess, type ReaderLaunch } from './reader-process.js';
import { ReadingTurns } from './reading-turns.js';

/** Nest token of {@link ReaderLaunch}. */
export const READER_LAUNCH = Symbol.for('vedette.reader-launch');

export const READER: ReaderLaunch = {
  entry: fileURLToPath(new URL('./reader/reader-entry.js', import.meta.url)),
  execArgv: [],
  timeoutMs: 15_000,
  memoryLimitBytes: 640 * 1024 * 1024,
};

/** The reader of frames stays for the next one, this long. */
const IDLE_MS = 30_000;

/**
 * Opens pictures of foreign origin, in processes of their own. An uploaded image gets one to itself; frames, whose bytes went
 * through our own packager, share one that stays for a while, so that a page of thumbnails does not start one for each.
 */
@Injectable()
export class PictureReader {
  private readonly uploads = new ReadingTurns(16);
  private readonly frames = new ReadingTurns(64);
  private warm: ReaderProcess | undefined;
  private idle: NodeJS.Timeout | undefined;
  private readonly running = new Set<ReaderProcess>();
  private isClosed = false;

  constructor(@Inject(READER_LAUNCH) private readonly launch: ReaderLaunch = READER) {}

  /** @throws VD_BRAND_IMAGE_*, VD_PICTURE_BUSY, VD_PICTURE_READER_DOWN */
  async image(bytes: Uint8Array, options: { readonly keepBackground: boolean }): Promise<ReadImage> {
    return this.uploads.take(async () => {
      const reader = await this.start();
      try {
        return await reader.ask({ type: 'image', bytes, ...options });
      } catch (error) {
        throw error instanceof ReaderEnded ? brandError('VD_BRAND_IMAGE_UNREADABLE', `${error.message}.`, { cause: error }) : error;
      } finally {
        this.end(reader);
      }
    });
  }

  /**
   * @param place asked for when it is this frame's turn: those that wait hold no media
   * @throws VD_FRAME_*, VD_PICTURE_*
   */
  async frame(place: () => Promise<FramePlace>, look: FrameLook = {}): Promise<ReadFrame> {
    return this.askWarm(async () => ({ type: 'frame-picture', ...(await place()), ...look }));
  }

  /** @throws VD_FRAME_*, VD_BRAND_IMAGE_*, VD_PICTURE_* */
  async frameReference(place: () => Promise<FramePlace>, box: Box01): Promise<ReadImage> {
    return this.askWarm(async () => ({ type: 'frame-reference', ...(await place()), box }));
  }

  /** @throws VD_PICTURE_* */
  async sheet(plan: SheetPlan): Promise<ReadFrame> {
    return this.askWarm(async () => ({ type: 'thumbnail-sheet', ...plan }));
  }

  /** Ends every reader; those that wait get none. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.idle);
    for (const reader of this.running) this.end(reader);
  }

  private async askWarm<T extends Exclude<ReadRequest, { type: 'image' }>>(wanted: () => Promise<T>): Promise<ReadAnswers[T['type']]> {
    return this.frames.take(async () => {
      const request = await wanted();
      clearTimeout(this.idle);
      const reader = this.warm?.isUsable ? this.warm : await this.start();
      this.warm = reader;
      try {
        return await reader.ask(request);
      } catch (error) {
        if (!(error instanceof ReaderEnded)) throw error;
        this.end(reader);
        throw brandError('VD_FRAME_UNREADABLE', `${error.message}.`, { cause: error });
      } finally {
        this.idle = setTimeout(() => this.end(reader), IDLE_MS).unref();
      }
    });
  }

  private async start(): Promise<ReaderProcess> {
    if (this.isClosed) throw brandError('VD_PICTURE_READER_DOWN', 'The picture reader is shutting down.');
    const reader = await ReaderProcess.start(this.launch);
    this.running.add(reader);
    if (this.isClosed) this.end(reader);
    return reader;
  }

  private end(reader: ReaderProcess): void {
    reader.kill();
    this.running.delete(reader);
    if (this.warm === reader) this.warm = undefined;
  }
}
