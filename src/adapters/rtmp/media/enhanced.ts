import { unsupportedMedia } from '../refusal.js';

/** Packet types of enhanced RTMP. */
export const ExPacketType = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2, codedFramesX: 3, metadata: 4 } as const;

export interface ExPacket {
  readonly packetType: number;
  readonly fourCc: string;
  readonly body: Buffer;
}

const MOD_EX = 7;
const ONE_TRACK = 0;
const MANY_TRACKS_MANY_CODECS = 2;
const MAIN_TRACK = 0;

/** Reads on from a position; what is not there is a broken header. */
class HeaderReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  uint(sizeBytes: 1 | 2 | 3): number {
    return this.take(sizeBytes).readUIntBE(0, sizeBytes);
  }

  text(sizeBytes: number): string {
    return this.take(sizeBytes).toString('latin1');
  }

  take(sizeBytes: number): Buffer {
    const end = this.at + sizeBytes;
    if (end > this.bytes.length) throw unsupportedMedia('An enhanced RTMP header is broken');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  get rest(): Buffer {
    return this.bytes.subarray(this.at);
  }
}

/**
 * Reads the header of an enhanced RTMP (v2) message after its first byte, whose lower half is the packet type.
 * @param multitrackType the packet type by which a message says that it carries numbered tracks
 * @returns undefined for tracks other than the main one: Vedette takes one picture and one sound
 * @throws Refusal for a broken header
 */
export function readExPacket(payload: Buffer, multitrackType: number): ExPacket | undefined {
  const reader = new HeaderReader(payload, 1);
  let packetType = payload.readUInt8(0) & 0x0f;
  while (packetType === MOD_EX) {
    // Finer timestamps and the like: milliseconds are what is kept.
    const shortBytes = reader.uint(1) + 1;
    reader.take(shortBytes === 256 ? reader.uint(2) + 1 : shortBytes);
    packetType = reader.uint(1) & 0x0f;
  }
  if (packetType !== multitrackType) return { packetType, fourCc: reader.text(4), body: reader.rest };
  const kinds = reader.uint(1);
  const shared = kinds >> 4 === MANY_TRACKS_MANY_CODECS ? undefined : reader.text(4);
  while (reader.rest.length > 0) {
    const fourCc = shared ?? reader.text(4);
    const track = reader.uint(1);
    const body = kinds >> 4 === ONE_TRACK ? reader.take(reader.rest.length) : reader.take(reader.uint(3));
    if (track === MAIN_TRACK) return { packetType: kinds & 0x0f, fourCc, body };
  }
  return undefined;
}
