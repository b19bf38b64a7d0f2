/** One box of ISO BMFF. */
export interface IsoBox {
  readonly type: string;
  /** Where the box begins. */
  readonly start: number;
  /** Where what is in it begins, and ends. */
  readonly bodyStart: number;
  readonly end: number;
  /** It says that it goes beyond what it lies in. */
  readonly isCut: boolean;
}

const HEAD_BYTES = 8;
const LARGE_HEAD_BYTES = 16;

/** Walks the boxes between two places. Whatever the bytes are, it comes to an end: what makes no sense is one box, cut off. */
export function* boxesIn(bytes: Buffer, from: number, end: number): Generator<IsoBox> {
  for (let start = from; start < end;) {
    const isHead = start + HEAD_BYTES <= end;
    const type = isHead ? bytes.toString('latin1', start + 4, start + HEAD_BYTES) : '';
    let size = isHead ? bytes.readUInt32BE(start) : 0;
    let headBytes = HEAD_BYTES;
    if (size === 1 && start + LARGE_HEAD_BYTES <= end) {
      size = bytes.readUInt32BE(start + 8) * 2 ** 32 + bytes.readUInt32BE(start + 12);
      headBytes = LARGE_HEAD_BYTES;
    } else if (size === 0 && isHead) size = end - start;
    const isCut = size < headBytes || start + size > end;
    const boxEnd = isCut ? end : start + size;
    yield { type, start, bodyStart: Math.min(start + headBytes, end), end: boxEnd, isCut };
    start = boxEnd;
  }
}

/** The first box of the type, whole. */
export function boxIn(bytes: Buffer, within: IsoBox | undefined, type: string, skipBytes = 0): IsoBox | undefined {
  if (within === undefined) return undefined;
  for (const found of boxesIn(bytes, within.bodyStart + skipBytes, within.end)) if (found.type === type && !found.isCut) return found;
  return undefined;
}

/** Reads numbers of a box one after the other. Past its end it gives 0 and says so. */
export class BoxReader {
  isPastEnd = false;
  private at: number;

  constructor(
    private readonly bytes: Buffer,
    private readonly within: IsoBox,
  ) {
    this.at = within.bodyStart;
  }

  uint32(): number {
    return this.next(4) ? this.bytes.readUInt32BE(this.at - 4) : 0;
  }

  int32(): number {
    return this.next(4) ? this.bytes.readInt32BE(this.at - 4) : 0;
  }

  uint64(): number {
    return this.uint32() * 2 ** 32 + this.uint32();
  }

  skip(count: number): void {
    this.next(count);
  }

  private next(count: number): boolean {
    if (this.at + count > this.within.end) this.isPastEnd = true;
    else this.at += count;
    return !this.isPastEnd;
  }
}
