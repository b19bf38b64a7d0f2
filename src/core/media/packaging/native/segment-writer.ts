import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWholeFile } from '../../../plugin-api/index.js';
import { isMissing } from '../../epoch-folder.js';
import { INITIALIZATION_NAME } from '../../segment-name.js';
import { SegmentFile } from './segment-file.js';
import type { CutPart } from './part-cutter.js';
import type { WriteBuffers } from './write-buffers.js';
import { NOTHING, type SegmentTally, type TallyMark } from './segment-tally.js';

export interface SegmentWriterOptions {
  readonly directory: string;
  readonly fileName: (sequence: number) => string;
  readonly isSynced: boolean;
  readonly buffers: WriteBuffers;
  /** Of an epoch that goes on; absent: 0. */
  readonly firstSequence?: number | undefined;
}

/** A file that is complete. */
export interface WrittenSegment {
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly tally: SegmentTally;
  /** How much of the tally is in it. */
  readonly mark: TallyMark;
  /** Where the next segment begins; absent at the end, and where it was broken off. */
  readonly nextUs: number | undefined;
}

/** A part of the open file that can be read. */
export interface WrittenPart extends CutPart {
  readonly sequence: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface WriterEvents {
  closed(segment: WrittenSegment): void;
  /** Nothing that was given and not told of is written any more, until {@link SegmentWriter.recover} succeeds. */
  failed(error: Error): void;
  /** Bytes came to rest. */
  written(): void;
  part(part: WrittenPart): void;
}

type Order =
  | { readonly kind: 'append'; readonly tally: SegmentTally; readonly bytes: Buffer; readonly mark: TallyMark; readonly part?: CutPart }
  | { readonly kind: 'close'; readonly tally: SegmentTally; readonly nextUs: number | undefined };

/** The file being written, and how much of which segment is in it. */
interface OpenFile {
  readonly file: SegmentFile;
  readonly tally: SegmentTally;
  mark: TallyMark;
  /** Where the part begins that has not ended yet. */
  partFromBytes: number;
}

/** Writes one epoch's segments, one write at a time, in the order they were given. Numbers them: a number is used once there is a file. */
export class SegmentWriter {
  /** Given and not written yet. */
  waitingBytes = 0;
  private sequence: number;
  private readonly orders: Order[] = [];
  private current: OpenFile | undefined;
  /** Nothing is taken until {@link recover} succeeds. */
  hasFailed = false;
  private isLetGo = false;
  private work: Promise<void> | undefined;

  constructor(
    private readonly options: SegmentWriterOptions,
    private readonly events: WriterEvents,
    /** What stands before all segments, in a file of its own; known when there are bytes of one. */
    private readonly initialization: () => Uint8Array | undefined = () => undefined,
  ) {
    this.sequence = options.firstSequence ?? 0;
  }

  /**
   * Takes a copy of what belongs to the segment of `tally`; the first of a segment opens its file.
   * @param part what ends with these bytes, which may be none
   */
  append(tally: SegmentTally, bytes: Uint8Array, part?: CutPart): void {
    if (this.hasFailed) return;
    this.waitingBytes += bytes.length;
    this.order({ kind: 'append', tally, bytes: this.options.buffers.copy(bytes), mark: tally.mark, ...(part && { part }) });
  }

  close(tally: SegmentTally, nextUs: number | undefined): void {
    this.order({ kind: 'close', tally, nextUs });
  }

  /** The last segment that is complete; -1: none. */
  get lastSequence(): number {
    return this.sequence - 1;
  }

  /** Settles when all that was given is written, or nothing can be. */
  async idle(): Promise<void> {
    while (this.work !== undefined) await this.work;
  }

  /** Gives up what waits, as after a failure. */
  abandon(error: Error): void {
    this.hasFailed = true;
    this.orders.length = 0;
    this.waitingBytes = 0;
    this.events.failed(error);
  }

  /** After {@link abandon}, where a write hangs: lets go of the file once that is over. */
  async letGo(): Promise<void> {
    this.isLetGo = true;
    await this.idle();
    await this.current?.file.close();
  }

  /** After a failure: keeps what is in the file that it came in, and takes orders again. @throws what still fails */
  async recover(): Promise<void> {
    await this.idle();
    if (this.isLetGo) return;
    const { current } = this;
    if (current !== undefined) {
      const isKept = await current.file.salvage();
      this.current = undefined;
      if (isKept) this.tell(current, undefined);
    }
    this.hasFailed = false;
  }

  private order(order: Order): void {
    if (this.hasFailed) return;
    this.orders.push(order);
    this.work ??= this.carryOut().finally(() => (this.work = undefined));
  }

  private async carryOut(): Promise<void> {
    for (let order = this.orders.shift(); order !== undefined; order = this.orders.shift()) {
      try {
        await (order.kind === 'append' ? this.write(order) : this.complete(order));
      } catch (error) {
        return this.abandon(error as Error);
      }
    }
  }

  private async write({ tally, bytes, mark, part }: Extract<Order, { kind: 'append' }>): Promise<void> {
    if (this.current === undefined && bytes.length === 0) return this.options.buffers.giveBack(bytes);
    this.current ??= { file: await this.begin(), tally, mark: NOTHING, partFromBytes: 0 };
    await this.current.file.append(bytes);
    this.options.buffers.giveBack(bytes);
    this.current.mark = mark;
    if (this.hasFailed) return; // given up meanwhile
    this.waitingBytes -= bytes.length;
    this.events.written();
    if (part !== undefined) this.endPart(this.current, part);
  }

  private endPart(open: OpenFile, part: CutPart): void {
    const offsetBytes = open.partFromBytes;
    const sizeBytes = open.file.sizeBytes - offsetBytes;
    open.partFromBytes = open.file.sizeBytes;
    if (sizeBytes > 0) this.events.part({ ...part, sequence: this.sequence, offsetBytes, sizeBytes });
  }

  /** A folder that is gone was made anew, and lacks its initialization. */
  private async begin(): Promise<SegmentFile> {
    const file = await SegmentFile.create(join(this.options.directory, this.options.fileName(this.sequence)));
    const initialization = this.initialization();
    const path = join(this.options.directory, INITIALIZATION_NAME);
    try {
      if (initialization !== undefined && !(await exists(path))) await writeWholeFile(path, initialization);
      return file;
    } catch (error) {
      await file.salvage(); // empty: it goes
      throw error;
    }
  }

  private async complete({ nextUs }: Extract<Order, { kind: 'close' }>): Promise<void> {
    const { current } = this;
    if (current === undefined) return; // nothing was in it
    await current.file.complete(this.options.isSynced);
    this.current = undefined;
    this.tell(current, nextUs);
  }

  private tell({ file, tally, mark }: OpenFile, nextUs: number | undefined): void {
    const sequence = this.sequence++;
    this.events.closed({ sequence, sizeBytes: file.sizeBytes, checksum: file.checksum, tally, mark, nextUs });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: unknown) => !isMissing(error),
  );
