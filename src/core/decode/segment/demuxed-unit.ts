/** What a container holds together, with its timestamps: for video one coded picture. */
export class AccessUnit {
  /** Offsets into the segment: start, end, start, end … of each share of it. */
  private readonly ranges: readonly number[];
  private readonly segment: Buffer;

  constructor(
    segment: Buffer,
    ranges: readonly number[],
    /** Raw presentation timestamp, 90 kHz: of MPEG-TS the 33 bits that it has. */
    readonly ptsTicks: number,
    /** Raw decoding timestamp, 90 kHz; equals `ptsTicks` where the stream carries none. */
    readonly dtsTicks: number,
    /** A decoder can start here: at an IDR picture, or at a recovery point. Always true for audio. */
    readonly keyframe: boolean,
    /** Something is missing within it or right before it: it, and what refers to it, cannot be trusted. */
    readonly broken = false,
    /** For a keyframe: pictures until a decoder that starts here shows whole ones. 0 for all but intra refresh. */
    readonly wholeAfter = 0,
    /** Gives the bytes as decoders take them, where the container has them otherwise. */
    private readonly form?: (stored: Buffer) => Buffer,
  ) {
    this.segment = segment;
    this.ranges = ranges;
  }

  /** As it is stored. */
  get sizeBytes(): number {
    let size = 0;
    for (let i = 0; i < this.ranges.length; i += 2) size += (this.ranges[i + 1] ?? 0) - (this.ranges[i] ?? 0);
    return size;
  }

  /** The elementary stream bytes, put together anew on each read. */
  get data(): Buffer {
    const stored = gather(this.segment, this.ranges, Number.POSITIVE_INFINITY);
    return this.form === undefined ? stored : this.form(stored);
  }
}

/** Copies up to about `limitBytes` (whole ranges) out of the segment. */
export function gather(segment: Buffer, ranges: readonly number[], limitBytes: number): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (let i = 0; i < ranges.length && size < limitBytes; i += 2) {
    const part = segment.subarray(ranges[i], ranges[i + 1]);
    parts.push(part);
    size += part.length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
}
