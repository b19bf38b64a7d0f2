import Rtmp, { type NmsPacket } from 'node-media-server/src/protocol/rtmp.js';
import { overLimit, violation } from '../refusal.js';

/** RTMP message types, as far as the adapter speaks of them. */
export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

export interface RtmpMessage {
  readonly type: number;
  readonly streamId: number;
  /** 0..2^32-1 as sent: the caller unwraps. */
  readonly timestampMs: number;
  /** Valid during the call only: the parser uses the memory again. */
  readonly payload: Buffer;
}

/** What the guard asks its session before a payload is given memory. */
export interface MessageGate {
  /** The most bytes a message of this type may have right now; throws a refusal where the type is not allowed at all. */
  limitBytes(type: number): number;
  /** Memory for messages in flight, all chunk streams together. */
  budgetBytes(): number;
  message(message: RtmpMessage): void;
  output(bytes: Buffer): void;
}

const MAX_CHUNK_STREAMS = 64;
const WINDOW_ACK_BYTES = 2_500_000;
const NOTHING = Buffer.alloc(0);
const CONTROL_BYTES: Readonly<Record<number, readonly [min: number, max: number]>> = {
  [MessageType.setChunkSize]: [4, 4],
  [MessageType.abort]: [4, 4],
  [MessageType.acknowledgement]: [4, 4],
  [MessageType.userControl]: [2, 64],
  [MessageType.windowAckSize]: [4, 4],
  [MessageType.peerBandwidth]: [5, 5],
};

/**
 * node-media-server's protocol engine (handshake, chunk parser, answers) with every decision that a peer could abuse taken
 * here: chunk headers are checked before memory is given, timestamps wrap instead of ending the stream, control messages
 * are validated, commands and media go to our session and never to the library's own handlers or its shared state.
 */
export class GuardedRtmp extends Rtmp {
  private bytesIn = 0;
  private bytesAcknowledged = 0;
  private windowAckBytes = WINDOW_ACK_BYTES;
  private capacityBytes = 0;

  constructor(private readonly gate: MessageGate) {
    super();
    this.flv = undefined; // 1 MB per connection that only its own FLV reader would need
    this.objectEncoding = 0;
    this.onOutputCallback = (bytes) => gate.output(bytes);
  }

  get handshakeDone(): boolean {
    return this.handshakeState === 3;
  }

  /** Handles bytes from the peer. @throws Refusal, or whatever else went wrong: the caller closes the socket */
  feed(bytes: Buffer): void {
    if (this.handshakeState === 0 && bytes.length > 0 && bytes[0] !== 3) throw violation('not an RTMP handshake');
    this.bytesIn += bytes.length;
    const error = this.parserData(bytes);
    if (error !== null) throw violation('chunk parser error');
    if (this.bytesIn - this.bytesAcknowledged >= this.windowAckBytes) {
      this.bytesAcknowledged = this.bytesIn;
      this.sendACK(this.bytesIn % 2 ** 32);
    }
  }

  /** Answers `connect`. */
  acceptConnect(transactionId: number): void {
    this.sendWindowACK(WINDOW_ACK_BYTES * 2);
    this.setPeerBandwidth(WINDOW_ACK_BYTES * 2, 2);
    this.setChunkSize(this.outChunkSize);
    this.respondConnect(transactionId);
  }

  refuseConnect(transactionId: number, description: string): void {
    this.sendInvokeMessage(0, {
      cmd: '_error',
      transId: transactionId,
      cmdObj: null,
      info: { level: 'error', code: 'NetConnection.Connect.Rejected', description },
    });
  }

  /** A chunk's header is complete. */
  override packetParse(): void {
    const fmt = this.parserBuffer.readUInt8(0) >> 6;
    const packet = this.chunkStream(fmt, this.chunkStreamId());
    if (packet.bytes > 0 && fmt !== 3) throw violation('new message header inside a message');
    this.parserPacket = packet;
    packet.header.fmt = fmt;
    this.chunkMessageHeaderRead();
    if (packet.bytes === 0) this.checkHeader(packet);
  }

  /** A message begins: its header and timestamp are known, its payload is not yet read. */
  override packetAlloc(): void {
    const packet = this.parserPacket;
    packet.clock %= 2 ** 32;
    if (packet.capacity >= packet.header.length) return;
    const limit = this.gate.budgetBytes();
    const room = limit - (this.capacityBytes - packet.capacity);
    if (packet.header.length > room) throw overLimit('messages in flight larger than allowed');
    const capacity = Math.min(room, packet.header.length + (packet.header.length >> 2));
    this.capacityBytes += capacity - packet.capacity;
    packet.payload = Buffer.alloc(capacity);
    packet.capacity = capacity;
  }

  /** A message is complete. */
  override packetHandler(): void {
    const { header, clock, payload } = this.parserPacket;
    const body = payload.subarray(0, header.length);
    switch (header.type) {
      case MessageType.setChunkSize:
        return this.takeChunkSize(body.readUInt32BE());
      case MessageType.abort:
        return this.abort(body.readUInt32BE());
      case MessageType.windowAckSize:
        this.windowAckBytes = Math.max(65_536, body.readUInt32BE());
        return;
      case MessageType.userControl:
        if (body.readUInt16BE() === 6 && body.length >= 6) this.sendStreamStatus(7, body.readUInt32BE(2));
        return;
      case MessageType.acknowledgement:
      case MessageType.peerBandwidth:
        return;
      default:
        this.gate.message({ type: header.type, streamId: header.stream_id, timestampMs: clock, payload: body });
    }
  }

  private chunkStreamId(): number {
    const first = this.parserBuffer.readUInt8(0) & 0x3f;
    if (this.parserBasicBytes === 1) return first;
    const low = 64 + this.parserBuffer.readUInt8(1);
    return this.parserBasicBytes === 2 ? low : low + this.parserBuffer.readUInt8(2) * 256;
  }

  private chunkStream(fmt: number, cid: number): NmsPacket {
    const known = this.inPackets.get(cid);
    if (known !== undefined) return known;
    // Some encoders open a chunk stream with a type 1 header; types 2 and 3 would leave length and type unknown.
    if (fmt > 1) throw violation('chunk stream opened without a message header');
    if (this.inPackets.size >= MAX_CHUNK_STREAMS) throw overLimit('too many chunk streams');
    const packet: NmsPacket = {
      header: { fmt, cid, timestamp: 0, length: 0, type: 0, stream_id: 0 },
      clock: 0,
      payload: NOTHING,
      capacity: 0,
      bytes: 0,
    };
    this.inPackets.set(cid, packet);
    return packet;
  }

  private checkHeader({ header }: NmsPacket): void {
    const control = CONTROL_BYTES[header.type];
    if (control !== undefined) {
      if (header.length < control[0] || header.length > control[1]) throw violation('control message of a wrong size');
      return;
    }
    if (header.length > this.gate.limitBytes(header.type)) throw overLimit('message larger than allowed');
  }

  private takeChunkSize(sizeBytes: number): void {
    if (sizeBytes < 1 || sizeBytes > 0x7fffffff) throw violation('impossible chunk size');
    // The parser counts a message's chunks by the size in force: changing it inside a message would misread the rest.
    for (const packet of this.inPackets.values()) {
      if (packet !== this.parserPacket && packet.bytes > 0) throw violation('chunk size changed inside a message');
    }
    this.inChunkSize = sizeBytes;
  }

  private abort(cid: number): void {
    const packet = this.inPackets.get(cid);
    if (packet !== undefined) packet.bytes = 0;
  }
}
