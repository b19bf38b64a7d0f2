import { PassThrough, type Readable } from 'node:stream';

/** From here on whoever writes is asked to wait: about 4 s of an 8 Mbit/s stream. */
const SOFT_LIMIT_BYTES = 4 * 1024 ** 2;
/** Who does not wait is cut off here. */
const HARD_LIMIT_BYTES = 4 * SOFT_LIMIT_BYTES;

/** What is written to a program's standard input. It may be written to before the program is there, and after it has gone. */
export class StandardInput {
  private readonly pipe = new PassThrough({ writableHighWaterMark: SOFT_LIMIT_BYTES });
  private readonly waiting = new Set<() => void>();
  private isOver = false;

  constructor() {
    this.pipe.on('drain', () => this.letGo());
    this.pipe.on('error', () => this.close());
  }

  get stream(): Readable {
    return this.pipe;
  }

  /** More waits than whoever heeds {@link write}'s answer would have written. */
  get isOverrun(): boolean {
    return this.pipe.writableLength > HARD_LIMIT_BYTES;
  }

  /** @returns whether more is welcome */
  write(chunk: Uint8Array): boolean {
    return !this.isOver && this.pipe.write(chunk);
  }

  /** Settles when there is room again, or nothing is taken any more. */
  async drained(): Promise<void> {
    if (this.isOver || !this.pipe.writableNeedDrain) return;
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** Nothing more comes: the program reads what was written, and then its end. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.pipe.end();
    this.letGo();
  }

  private letGo(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
