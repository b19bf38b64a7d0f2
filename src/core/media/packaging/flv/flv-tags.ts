import { mediaError } from '../../../errors/media.errors.js';

export interface FlvTag {
  readonly kind: 'audio' | 'video';
  /** 32 bits, as written. */
  readonly timestampMs: number;
  readonly data: Uint8Array;
}

const SIGNATURE = 0x464c56;
const HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
/** Behind each tag, and behind the file's header: how long it was. */
const BACK_POINTER_BYTES = 4;
const KINDS: Readonly<Record<number, FlvTag['kind']>> = { 8: 'audio', 9: 'video' };
/** The reserved bits and the mark of encryption are 0 in a tag that can be read. */
const TYPE_BITS = 0x1f;

/** Takes an FLV file apart as it comes, in pieces that need not end where tags do. Holds one tag at most. */
export class FlvTags {
  /** As the file's header has it, and absent until that is there. */
  announced: { readonly video: boolean; readonly audio: boolean } | undefined;
  private rest: Uint8Array[] = [];
  private restBytes = 0;
  private neededBytes = HEADER_BYTES + BACK_POINTER_BYTES;

  /** @throws VD_MEDIA_INPUT_REFUSED for what is not FLV */
  *push(chunk: Uint8Array): Generator<FlvTag> {
    this.rest.push(chunk);
    this.restBytes += chunk.length;
    if (this.restBytes < this.neededBytes) return;
    const bytes = this.rest.length === 1 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat(this.rest);
    let at = this.announced === undefined ? this.readHeader(bytes) : 0;
    this.neededBytes = TAG_HEADER_BYTES;
    while (at + TAG_HEADER_BYTES <= bytes.length) {
      const tagBytes = TAG_HEADER_BYTES + bytes.readUIntBE(at + 1, 3) + BACK_POINTER_BYTES;
      if (at + tagBytes > bytes.length) {
        this.neededBytes = tagBytes;
        break;
      }
      const tag = readTag(bytes, at, tagBytes);
      if (tag !== undefined) yield tag;
      at += tagBytes;
    }
    // A copy: what is left must not keep all of it.
    this.rest = at === bytes.length ? [] : [Uint8Array.from(bytes.subarray(at))];
    this.restBytes = bytes.length - at;
  }

  private readHeader(bytes: Buffer): number {
    const headerBytes = bytes.readUInt32BE(5);
    if (bytes.readUIntBE(0, 3) !== SIGNATURE || headerBytes !== HEADER_BYTES)
      throw mediaError('VD_MEDIA_INPUT_REFUSED', 'what was written is not FLV');
    const flags = bytes.readUInt8(4);
    this.announced = { video: (flags & 1) !== 0, audio: (flags & 4) !== 0 };
    return HEADER_BYTES + BACK_POINTER_BYTES;
  }
}

function readTag(bytes: Buffer, at: number, tagBytes: number): FlvTag | undefined {
  const type = bytes.readUInt8(at);
  const kind = KINDS[type & TYPE_BITS];
  if (kind === undefined) return undefined; // scripts and the like
  if (type !== (type & TYPE_BITS)) throw mediaError('VD_MEDIA_INPUT_REFUSED', 'the FLV is encrypted');
  const timestampMs = bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 2 ** 24;
  return { kind, timestampMs, data: bytes.subarray(at + TAG_HEADER_BYTES, at + tagBytes - BACK_POINTER_BYTES) };
}
