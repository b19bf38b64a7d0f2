import { nalType, recoveryFramesOf, type NalCodec } from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';

/** NAL unit types by codec. */
const TYPES = {
  h264: { lastSlice: 5, firstEntry: 5, lastEntry: 5, delimiter: 9, sets: [7, 8], sei: 6 },
  hevc: { lastSlice: 31, firstEntry: 16, lastEntry: 23, delimiter: 35, sets: [32, 33, 34], sei: -1 },
} as const;

/**
 * One picture of length-prefixed NAL units, looked through once. Reused from picture to picture: what it says is of the one read last.
 */
export class NalFrame {
  data: Buffer = Buffer.alloc(0);
  /** A decoder can start here: by an IDR picture, or a recovery point. */
  isEntry = false;
  /** It brings all kinds of parameter sets that its codec has. */
  hasParameterSets = false;
  /** NAL units other than delimiters and empty ones. */
  unitCount = 0;
  /** Bytes of those, without their lengths. */
  unitBytes = 0;
  private readonly types: (typeof TYPES)[NalCodec];

  constructor(
    private readonly codec: NalCodec,
    readonly lengthBytes: number,
  ) {
    this.types = TYPES[codec];
  }

  /** @throws VD_MEDIA_FRAME_DAMAGED where a unit goes beyond the frame's end, or no unit is of a picture */
  read(frame: Uint8Array): void {
    const data = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const { lastSlice, firstEntry, lastEntry, sets, sei } = this.types;
    this.data = data;
    this.unitCount = this.unitBytes = 0;
    let isEntry = false;
    let hasSlice = false;
    let setsFound = 0;
    for (let at = 0; at < data.length;) {
      const from = at + this.lengthBytes;
      const end = this.unitEnd(at);
      if (end > data.length || from > data.length)
        throw mediaError('VD_MEDIA_FRAME_DAMAGED', `a NAL unit of ${end - from} bytes at ${at} of ${data.length}`);
      at = end;
      if (!this.isKept(from, end)) continue;
      const type = nalType(this.codec, data[from]!);
      this.unitCount++;
      this.unitBytes += end - from;
      // H.264 counts from 1: 0 says nothing.
      if (type <= lastSlice && (type > 0 || this.codec === 'hevc')) {
        hasSlice = true;
        isEntry ||= type >= firstEntry && type <= lastEntry;
      } else if (type === sei) isEntry ||= recoveryFramesOf(data.subarray(from, end)) !== null;
      const set = (sets as readonly number[]).indexOf(type);
      if (set !== -1) setsFound |= 1 << set;
    }
    if (!hasSlice) throw mediaError('VD_MEDIA_FRAME_DAMAGED', `${data.length} bytes hold no slice of a picture`);
    this.isEntry = isEntry;
    this.hasParameterSets = setsFound === (1 << sets.length) - 1;
  }

  /** Where the unit ends whose length stands at `at`; beyond the frame where it says so. */
  unitEnd(at: number): number {
    const from = at + this.lengthBytes;
    let length = 0;
    for (let i = at; i < from; i++) length = length * 256 + (this.data[i] ?? 0);
    return from + length;
  }

  /** Whether the unit is anything but empty or a delimiter. */
  isKept(from: number, end: number): boolean {
    return end > from && nalType(this.codec, this.data[from]!) !== this.types.delimiter;
  }
}
