import { unsupportedMedia } from '../refusal.js';

/** Packet types of enhanced RTMP that video and audio number alike. */
export const ExPacketType = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2, codedFramesX: 3, metadata: 4 } as const;

export interface ExPacket {
  readonly packetType: number;
  readonly fourCc: string;
  readonly body: Buffer;
}

export interface ExMessage {
  /** Of the main track; absent where the message has nothing of it. */
  readonly main?: ExPacket;
  /** How much later than its message's timestamp the media is. */
  readonly laterUs: number;
  /** Frames of other tracks in the message: Vedette takes one picture and one sound. */
  readonly otherFrames: number;
}

const MOD_EX = 7;
const TIMESTAMP_OFFSET_NANO = 0;
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
 * @throws Refusal for a broken header
 */
export function readExMessage(payload: Buffer, multitrackType: number): ExMessage {
  const reader = new HeaderReader(payload, 1);
  let packetType = payload.readUInt8(0) & 0x0f;
  let laterUs = 0;
  while (packetType === MOD_EX) {
    const shortBytes = reader.uint(1) + 1;
    const data = reader.take(shortBytes === 256 ? reader.uint(2) + 1 : shortBytes);
    const next = reader.uint(1);
    if (next >> 4 === TIMESTAMP_OFFSET_NANO && data.length >= 3) laterUs = Math.round(data.readUIntBE(0, 3) / 1000);
    packetType = next & 0x0f;
  }
  if (packetType !== multitrackType) {
    return { main: { packetType, fourCc: reader.text(4), body: reader.rest }, laterUs, otherFrames: 0 };
  }
  return { ...readTracks(reader), laterUs };
}

function readTracks(reader: HeaderReader): Pick<ExMessage, 'main' | 'otherFrames'> {
  const kinds = reader.uint(1);
  const packetType = kinds & 0x0f;
  const isFrame = packetType === ExPacketType.codedFrames || packetType === ExPacketType.codedFramesX;
  const shared = kinds >> 4 === MANY_TRACKS_MANY_CODECS ? undefined : reader.text(4);
  let main: ExPacket | undefined;
  let otherFrames = 0;
  while (reader.rest.length > 0) {
    const fourCc = shared ?? reader.text(4);
    const track = reader.uint(1);
    const body = kinds >> 4 === ONE_TRACK ? reader.take(reader.rest.length) : reader.take(reader.uint(3));
    if (track === MAIN_TRACK && main === undefined) main = { packetType, fourCc, body };
    else if (isFrame) otherFrames += 1;
  }
  return { ...(main && { main }), otherFrames };
}
