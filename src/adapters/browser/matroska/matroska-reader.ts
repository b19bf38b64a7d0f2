import { unreadable } from '../media/unreadable.js';
import type { RecordedTracks } from '../media/recorded-tracks.js';
import { childrenOf, EbmlReader, readVint, uintOf, type EbmlPlan } from './ebml-reader.js';
import { tracksIn, type NumberedTracks } from './matroska-tracks.js';

const ID = { segment: 0x18538067, info: 0x1549a966, tracks: 0x1654ae6b, cluster: 0x1f43b675 } as const;
const [EBML_HEAD, TIMESTAMP_SCALE, CLUSTER_TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, REFERENCE_BLOCK] = [
  0x1a45dfa3, 0x2ad7b1, 0xe7, 0xa3, 0xa0, 0xa1, 0xfb,
];

/** A keyframe of 8K takes a few. */
const MAX_FRAME_BYTES = 8 * 1024 ** 2;
const MAX_HEADER_BYTES = 64 * 1024;
const PLAN: EbmlPlan = new Map<number, 'enter' | { readonly maxBytes: number }>([
  [EBML_HEAD, { maxBytes: 1024 }],
  [ID.segment, 'enter'],
  [ID.info, { maxBytes: MAX_HEADER_BYTES }],
  [ID.tracks, { maxBytes: MAX_HEADER_BYTES }],
  [ID.cluster, 'enter'],
  [CLUSTER_TIMESTAMP, { maxBytes: 8 }],
  [SIMPLE_BLOCK, { maxBytes: MAX_FRAME_BYTES }],
  [BLOCK_GROUP, { maxBytes: MAX_FRAME_BYTES }],
]);
const LACING = 0x06;
const KEYFRAME = 0x80;
/** Nanoseconds of a tick, where the file does not say. */
const DEFAULT_SCALE_NS = 1_000_000;
/** No clock goes further. */
const MAX_TIME_US = 2 ** 46;

/** A frame of one of the recording's tracks, when it came out of its recorder. */
export interface RecordedFrame {
  readonly track: 'video' | 'audio';
  readonly ptsUs: number;
  readonly keyframe: boolean;
  readonly data: Buffer;
}

export type MatroskaPart = { readonly tracks: RecordedTracks } | { readonly frame: RecordedFrame };

/** Reads Matroska, and WebM, as browsers record it: one part after the other, in chunks that end anywhere. Safe on any bytes. */
export class MatroskaReader {
  private readonly ebml = new EbmlReader(EBML_HEAD, PLAN);
  private tracks: NumberedTracks | undefined;
  private scaleNs = DEFAULT_SCALE_NS;
  private clusterTicks = 0;

  /** @throws VD_BROWSER_MEDIA_UNREADABLE */
  *push(chunk: Buffer): Generator<MatroskaPart> {
    for (const { id, body } of this.ebml.push(chunk)) {
      if (body === undefined) continue;
      if (id === ID.info) this.readInfo(body);
      else if (id === ID.tracks && this.tracks === undefined) {
        this.tracks = tracksIn(body);
        yield { tracks: this.tracks };
      } else if (id === CLUSTER_TIMESTAMP) this.clusterTicks = uintOf(body);
      else if (id === SIMPLE_BLOCK || id === BLOCK_GROUP) {
        const frame = id === SIMPLE_BLOCK ? this.block(body, undefined) : this.group(body);
        if (frame !== undefined) yield { frame };
      }
    }
  }

  private readInfo(body: Buffer): void {
    for (const { id, body: value } of childrenOf(body)) if (id === TIMESTAMP_SCALE) this.scaleNs = uintOf(value);
    if (this.scaleNs < 1 || this.scaleNs > 1e9) throw unreadable(`its clock ticks every ${this.scaleNs} ns`);
  }

  private group(body: Buffer): RecordedFrame | undefined {
    let block: Buffer | undefined;
    let isReferring = false;
    for (const child of childrenOf(body)) {
      if (child.id === BLOCK) block = child.body;
      isReferring ||= child.id === REFERENCE_BLOCK;
    }
    return block === undefined ? undefined : this.block(block, !isReferring);
  }

  /** @param keyframe absent: the block says it itself */
  private block(body: Buffer, keyframe: boolean | undefined): RecordedFrame | undefined {
    const number = readVint(body, 0, false);
    if (this.tracks === undefined) throw unreadable('frames come before it says what they are');
    if (number === undefined || number.end + 3 > body.length) throw unreadable('a block is cut short');
    const track = this.tracks.numbers.get(number.value);
    if (track === undefined) return undefined; // a second camera, subtitles
    const flags = body[number.end + 2]!;
    if ((flags & LACING) !== 0) throw unreadable('several frames are in one block');
    const ptsUs = Math.round(((this.clusterTicks + body.readInt16BE(number.end)) * this.scaleNs) / 1000);
    if (ptsUs > MAX_TIME_US) throw unreadable('its clock is beyond any time');
    // Whoever takes it may give its memory up.
    const data = Buffer.from(body.subarray(number.end + 3));
    return { track, ptsUs, keyframe: track === 'audio' || (keyframe ?? (flags & KEYFRAME) !== 0), data };
  }
}
