import { box, uint32 } from './iso-box.js';

/** A frame as it lies in a fragment. */
export interface Sample {
  readonly dtsTicks: number;
  readonly compositionTicks: number;
  readonly flags: number;
  readonly data: Buffer;
}

/** One track's share of a fragment: at least one sample. */
export interface TrackRun {
  readonly id: number;
  readonly samples: readonly Sample[];
  /** Where the last sample ends. */
  readonly endTicks: number;
}

const SEGMENT_TYPE = box('styp', Buffer.from('msdh', 'latin1'), uint32(0), Buffer.from('msdhmsix', 'latin1'));
const BASE_IS_MOOF = 0x020000;
/** Where the data lies; then for each sample its duration, size, flags and composition offset. */
const RUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;
const SAMPLE_BYTES = 16;
const TRAF_BYTES = 8 + 16 + 20 + 20;
const MAX_DURATION = 0xffff_ffff;

/** Writes fragments (`moof`, `mdat`) one after the other into one buffer, which grows and is used again. */
export class FragmentWriter {
  private bytes = Buffer.allocUnsafe(64 * 1024);
  private at = 0;
  private sequence = 0;

  /** @returns the fragment, valid until the next one is written */
  write(runs: readonly TrackRun[], startsSegment: boolean): Buffer {
    let moofBytes = 8 + 16;
    let dataBytes = 0;
    for (const { samples } of runs) {
      moofBytes += TRAF_BYTES + samples.length * SAMPLE_BYTES;
      for (const { data } of samples) dataBytes += data.length;
    }
    this.at = 0;
    this.reserve(SEGMENT_TYPE.length + moofBytes + 8 + dataBytes);
    if (startsSegment) this.put(SEGMENT_TYPE);
    this.head(moofBytes, 'moof');
    this.head(16, 'mfhd');
    this.uint32s(0, ++this.sequence);
    let dataOffset = moofBytes + 8;
    for (const run of runs) dataOffset = this.track(run, dataOffset);
    this.head(8 + dataBytes, 'mdat');
    for (const { samples } of runs) for (const { data } of samples) this.put(data);
    return this.bytes.subarray(0, this.at);
  }

  /** @returns where the next track's data lies */
  private track({ id, samples, endTicks }: TrackRun, dataOffset: number): number {
    const runBytes = 20 + samples.length * SAMPLE_BYTES;
    this.head(8 + 16 + 20 + runBytes, 'traf');
    this.head(16, 'tfhd');
    this.uint32s(BASE_IS_MOOF, id);
    this.head(20, 'tfdt');
    const startTicks = samples[0]!.dtsTicks;
    this.uint32s(0x0100_0000, Math.floor(startTicks / 2 ** 32), startTicks % 2 ** 32);
    this.head(runBytes, 'trun');
    this.uint32s(0x0100_0000 + RUN_FLAGS, samples.length, dataOffset);
    let offset = dataOffset;
    samples.forEach(({ dtsTicks, compositionTicks, flags, data }, i) => {
      const nextTicks = samples[i + 1]?.dtsTicks ?? endTicks;
      this.uint32s(Math.min(Math.max(0, nextTicks - dtsTicks), MAX_DURATION), data.length, flags);
      this.bytes.writeInt32BE(compositionTicks, this.at);
      this.at += 4;
      offset += data.length;
    });
    return offset;
  }

  private head(sizeBytes: number, type: string): void {
    this.uint32s(sizeBytes);
    this.at += this.bytes.write(type, this.at, 'latin1');
  }

  private uint32s(...values: readonly number[]): void {
    for (const value of values) this.at = this.bytes.writeUInt32BE(value, this.at);
  }

  private put(data: Buffer): void {
    this.at += data.copy(this.bytes, this.at);
  }

  private reserve(sizeBytes: number): void {
    // What was once needed for a frame of megabytes is given back.
    if (sizeBytes > this.bytes.length || (this.bytes.length > 1024 * 1024 && sizeBytes < this.bytes.length / 8))
      this.bytes = Buffer.allocUnsafe(Math.ceil(sizeBytes * 1.5));
  }
}
