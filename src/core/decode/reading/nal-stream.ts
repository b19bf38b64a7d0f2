import { CodecParameters } from 'node-av/lib';
import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } from 'node-av/constants';
import { BitReader } from '../codec/bit-reader.js';
import { behindLengths, nalType, nalUnits } from '../codec/nal.js';
import type { NalCodec } from '../codec/video-codec.js';

const CODEC_IDS = { h264: AV_CODEC_ID_H264, hevc: AV_CODEC_ID_HEVC } as const;
/** In the order that decoders take them. */
const PARAMETER_SETS: Readonly<Record<NalCodec, readonly number[]>> = { h264: [7, 8], hevc: [32, 33, 34] };
const DELIMITER: Readonly<Record<NalCodec, number>> = { h264: 9, hevc: 35 };
const START_CODE = Buffer.from([0, 0, 0, 1]);
/** A parameter set is a few dozen bytes. */
const MAX_SET_BYTES = 4096;

/**
 * Makes of Annex B, as transport streams, RTSP and encoders have it, frames whose units stand behind their lengths, and decoder
 * configurations: parameter sets are taken out of the frames, and a set that changes is another configuration.
 */
export class NalStream {
  private readonly sets = new Map<string, Buffer>();
  private isChanged = false;

  constructor(private readonly codec: NalCodec) {}

  /** Takes the parameter sets in a decoder's extradata, in Annex B. */
  announce(annexB: Buffer): void {
    for (const nal of nalUnits(annexB)) this.keep(nal);
  }

  /** @returns the frame without its parameter sets; empty where nothing is left */
  take(annexB: Buffer): Buffer {
    const isOfFrame = (nal: Buffer): boolean => nalType(this.codec, nal[0]!) !== DELIMITER[this.codec] && !this.keep(nal);
    return behindLengths([...nalUnits(annexB)].filter(isOfFrame));
  }

  /** The configuration, when it is another one than was asked for last, and whole; undefined otherwise. */
  news(): Buffer | undefined {
    const [needed, kinds] = [PARAMETER_SETS[this.codec], new Set([...this.sets.keys()].map((key) => Number(key.split(':')[0])))];
    if (!this.isChanged || needed.some((type) => !kinds.has(type))) return undefined;
    this.isChanged = false;
    const parameters = new CodecParameters();
    parameters.alloc();
    try {
      parameters.codecId = CODEC_IDS[this.codec];
      parameters.extradata = Buffer.concat(this.ordered().flatMap((nal) => [START_CODE, nal]));
      const record = parameters.getDecoderConfigurationRecord();
      return record === null ? undefined : Buffer.from(record);
    } finally {
      parameters.free();
    }
  }

  private ordered(): Buffer[] {
    const order = PARAMETER_SETS[this.codec];
    const rank = (key: string): number => order.indexOf(Number(key.split(':')[0]));
    return [...this.sets].sort(([a], [b]) => rank(a) - rank(b)).map(([, nal]) => nal);
  }

  /** @returns whether it is a parameter set */
  private keep(nal: Buffer): boolean {
    const type = nalType(this.codec, nal[0]!);
    if (!PARAMETER_SETS[this.codec].includes(type)) return false;
    if (nal.length > MAX_SET_BYTES) return true;
    const key = `${type}:${setId(this.codec, type, nal)}`;
    if (this.sets.get(key)?.equals(nal) === true) return true;
    this.sets.set(key, Buffer.from(nal));
    this.isChanged = true;
    return true;
  }
}

/** By which id frames ask for a set; sets of HEVC's sequences and videos count as one each. */
function setId(codec: NalCodec, type: number, nal: Buffer): number {
  if (codec === 'hevc' && type !== 34) return 0;
  const headBytes = codec === 'h264' ? (type === 7 ? 4 : 1) : 2;
  try {
    return BitReader.ofNal(nal.subarray(headBytes, headBytes + 8)).unsigned();
  } catch {
    return 0;
  }
}
