import { AAC_SAMPLE_RATES_HZ, ADTS_HEADER_BYTES } from './codec/index.js';
import type { AccessUnit } from './segment/index.js';

/** One coded frame of AAC sound with its ADTS header, as a decoder takes it. */
export interface AdtsFrame {
  readonly data: Buffer;
  /** Raw 33-bit clock, 90 kHz; fractional where it is counted on from the packet's own. */
  readonly ptsTicks: number;
  readonly durationTicks: number;
  /** As the header says; with spectral band replication what is decoded has twice as many. */
  readonly sampleRateHz: number;
  /** False where transport packets are missing in or before its packet: the bytes may be another frame's. */
  readonly intact: boolean;
}

/** The sound of a segment, taken apart. */
export interface AdtsFrames {
  readonly frames: readonly AdtsFrame[];
  /** Frames that are not whole: begun and not ended. */
  readonly cut: number;
  /** Bytes that belong to no frame. */
  readonly strayBytes: number;
  /** More frames than a segment can mean: the rest was left out. */
  readonly tooMany: boolean;
}

const TICKS_PER_SECOND = 90_000;
const SAMPLES_PER_BLOCK = 1024;
const CHECKSUM_BYTES = 2;
/** Ten minutes at 48 kHz: no segment is so long, and nobody's bytes shall make a host decode for longer. */
const MAX_FRAMES = 30_000;
const NOTHING = Buffer.alloc(0);

interface Header {
  readonly sizeBytes: number;
  readonly sampleRateHz: number;
  readonly durationTicks: number;
}

/**
 * Takes PES packets of ADTS sound apart into frames. A packet may hold several, of which the first that begins in it has its
 * pts, and a frame may go on in the next packet. Safe on any bytes.
 */
export function parseAdts(units: readonly AccessUnit[]): AdtsFrames {
  const parser = new AdtsParser();
  for (const unit of units) if (!parser.push(unit)) break;
  return parser.finish();
}

class AdtsParser {
  private readonly frames: AdtsFrame[] = [];
  private cut = 0;
  private strayBytes = 0;
  private tooMany = false;
  /** The beginning of a frame that goes on in the next packet, and its pts. */
  private rest: Buffer = NOTHING;
  private restTicks = 0;

  /** @returns false when there are frames enough */
  push(unit: AccessUnit): boolean {
    if (unit.broken) this.dropRest();
    const begun = this.rest.length;
    const bytes = begun > 0 ? Buffer.concat([this.rest, unit.data]) : unit.data;
    this.rest = NOTHING;
    let ticks = begun > 0 ? this.restTicks : unit.ptsTicks;
    let isOwn = begun === 0;
    for (let at = 0; at < bytes.length;) {
      const header = headerAt(bytes, at);
      if (header === null) {
        const next = nextFrame(bytes, at + 1);
        this.strayBytes += next - at;
        at = next;
        continue;
      }
      if (!isOwn && at >= begun) [isOwn, ticks] = [true, unit.ptsTicks];
      if (header === 'cut' || at + header.sizeBytes > bytes.length) {
        this.rest = bytes.subarray(at);
        this.restTicks = ticks;
        break;
      }
      const { sizeBytes, sampleRateHz, durationTicks } = header;
      this.frames.push({ data: bytes.subarray(at, at + sizeBytes), ptsTicks: ticks, durationTicks, sampleRateHz, intact: !unit.broken });
      this.tooMany = this.frames.length >= MAX_FRAMES;
      if (this.tooMany) return false;
      at += sizeBytes;
      ticks += durationTicks;
    }
    if (unit.broken) this.dropRest();
    return true;
  }

  finish(): AdtsFrames {
    this.dropRest();
    return { frames: this.frames, cut: this.cut, strayBytes: this.strayBytes, tooMany: this.tooMany };
  }

  private dropRest(): void {
    if (this.rest.length > 0) this.cut++;
    this.rest = NOTHING;
  }
}

/** @returns null where no frame begins, 'cut' where the bytes end within what may be a header */
function headerAt(bytes: Buffer, at: number): Header | 'cut' | null {
  // Twelve bits of sync, and a layer of 0.
  if (bytes[at] !== 0xff || (at + 1 < bytes.length && (bytes[at + 1]! & 0xf6) !== 0xf0)) return null;
  if (at + ADTS_HEADER_BYTES > bytes.length) return 'cut';
  const sampleRateHz = AAC_SAMPLE_RATES_HZ[(bytes[at + 2]! >> 2) & 0x0f];
  const sizeBytes = ((bytes[at + 3]! & 0x03) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
  const leastBytes = ADTS_HEADER_BYTES + ((bytes[at + 1]! & 1) === 0 ? CHECKSUM_BYTES : 0);
  if (sampleRateHz === undefined || sizeBytes <= leastBytes) return null;
  const blocks = (bytes[at + 6]! & 0x03) + 1;
  return { sizeBytes, sampleRateHz, durationTicks: (blocks * SAMPLES_PER_BLOCK * TICKS_PER_SECOND) / sampleRateHz };
}

/** Where a frame begins that, as far as the bytes go, is followed by another; the end of the bytes if none does. */
function nextFrame(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const header = headerAt(bytes, at);
    if (header === null || header === 'cut') continue;
    const end = at + header.sizeBytes;
    if (end === bytes.length || (end < bytes.length && headerAt(bytes, end) !== null)) return at;
  }
  return bytes.length;
}
