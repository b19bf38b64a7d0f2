import { overLimit, violation } from '../refusal.js';

export interface RtmpMessage {
  readonly type: number;
  readonly streamId: number;
  /** 0..2^32-1 as sent: the caller unwraps. */
  readonly timestampMs: number;
  /** What was kept of it. Valid during the call only: the reader uses the memory again. */
  readonly payload: Buffer;
}

/** What the reader asks before a payload is given memory, and where messages go. */
export interface ChunkSink {
  /** How many bytes of a message are kept: the rest of it is skipped unread. Throws where such a message is not allowed. */
  keptBytes(type: number, lengthBytes: number): number;
  /** Memory for messages in flight, all chunk streams together. */
  budgetBytes(): number;
  message(message: RtmpMessage): void;
}

/** One chunk stream: the header in force, and the message in flight. */
interface ChunkStream {
  /** As sent, 24 bits: absolute or a delta; {@link EXTENDED} when the 32 bits that follow count. */
  timestampField: number;
  extendedTimestamp: number;
  clockMs: number;
  lengthBytes: number;
  type: number;
  streamId: number;
  payload: Buffer;
  keptBytes: number;
  /** Of the message in flight; 0 between messages. */
  receivedBytes: number;
}

const EXTENDED = 0xffffff;
const MAX_CHUNK_STREAMS = 64;
const MAX_HEADER_BYTES = 18;
const DEFAULT_CHUNK_BYTES = 128;
const NOTHING = Buffer.alloc(0);
/** Of a message header, by the chunk's type. */
const HEADER_BYTES = [11, 7, 3, 0] as const;

/**
 * Puts messages together out of RTMP chunks. Headers are checked before memory is given; timestamps wrap. A chunk of type 3 may
 * repeat the extended timestamp of its message, as the specification has it, or leave it out, as many encoders do: it is there when
 * the four bytes are those in force.
 */
export class ChunkReader {
  private readonly streams = new Map<number, ChunkStream>();
  private readonly header = Buffer.alloc(MAX_HEADER_BYTES);
  private part: 'basic' | 'message' | 'extended' | 'repeated' | 'payload' = 'basic';
  /** Bytes of the header that are there, and that the part being read needs. */
  private haveBytes = 0;
  private needBytes = 1;
  private chunkType = 0;
  private stream: ChunkStream | undefined;
  /** Bytes of a repeated timestamp that were as expected. */
  private matchedBytes = 0;
  private chunkLeftBytes = 0;
  private chunkSizeBytes = DEFAULT_CHUNK_BYTES;
  private capacityBytes = 0;

  constructor(private readonly sink: ChunkSink) {}

  /** @throws Refusal, and what the sink throws */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.part === 'payload' ? this.readPayload(bytes, at) : this.readHeader(bytes, at);
  }

  /** @throws Refusal inside a message: its rest would be misread by peers that count differently */
  set chunkSize(sizeBytes: number) {
    if (sizeBytes < 1 || sizeBytes > 0x7fffffff) throw violation('impossible chunk size');
    for (const stream of this.streams.values()) if (stream.receivedBytes > 0) throw violation('chunk size changed inside a message');
    this.chunkSizeBytes = sizeBytes;
  }

  /** Drops the message in flight on a chunk stream. */
  abort(chunkStreamId: number): void {
    const stream = this.streams.get(chunkStreamId);
    if (stream !== undefined) stream.receivedBytes = 0;
  }

  private readHeader(bytes: Buffer, at: number): number {
    if (this.part === 'repeated') return this.readRepeated(bytes, at);
    const taken = Math.min(this.needBytes - this.haveBytes, bytes.length - at);
    bytes.copy(this.header, this.haveBytes, at, at + taken);
    this.haveBytes += taken;
    if (this.haveBytes === this.needBytes) this.headerPartRead();
    return at + taken;
  }

  private headerPartRead(): void {
    switch (this.part) {
      case 'basic':
        return this.basicHeaderRead();
      case 'message':
        return this.messageHeaderRead(this.current());
      default:
        this.current().extendedTimestamp = this.header.readUInt32BE(this.haveBytes - 4);
        this.beginChunk(this.current());
    }
  }

  private basicHeaderRead(): void {
    const low = this.header.readUInt8(0) & 0x3f;
    const basicBytes = low === 0 ? 2 : low === 1 ? 3 : 1;
    if (this.haveBytes < basicBytes) {
      this.needBytes = basicBytes;
      return;
    }
    this.chunkType = this.header.readUInt8(0) >> 6;
    this.stream = this.open(basicBytes === 1 ? low : 64 + (basicBytes === 2 ? this.header.readUInt8(1) : this.header.readUInt16LE(1)));
    if (this.stream.receivedBytes > 0 && this.chunkType !== 3) throw violation('new message header inside a message');
    this.part = 'message';
    this.needBytes = basicBytes + (HEADER_BYTES[this.chunkType] ?? 0);
    if (this.haveBytes === this.needBytes) this.messageHeaderRead(this.stream);
  }

  private messageHeaderRead(stream: ChunkStream): void {
    const at = this.needBytes - (HEADER_BYTES[this.chunkType] ?? 0);
    if (this.chunkType <= 2) stream.timestampField = this.header.readUIntBE(at, 3);
    if (this.chunkType <= 1) {
      stream.lengthBytes = this.header.readUIntBE(at + 3, 3);
      stream.type = this.header.readUInt8(at + 6);
    }
    if (this.chunkType === 0) stream.streamId = this.header.readUInt32LE(at + 7);
    if (stream.timestampField !== EXTENDED) return this.beginChunk(stream);
    this.matchedBytes = 0;
    this.needBytes += 4;
    this.part = this.chunkType === 3 ? 'repeated' : 'extended';
  }

  /** Compares byte by byte: a message that ends here may be shorter than a timestamp, and its bytes must not wait for others. */
  private readRepeated(bytes: Buffer, at: number): number {
    const stream = this.current();
    if (bytes[at] === ((stream.extendedTimestamp >>> (24 - 8 * this.matchedBytes)) & 0xff)) {
      if (++this.matchedBytes === 4) this.beginChunk(stream);
      return at + 1;
    }
    const inForce = Buffer.alloc(4);
    inForce.writeUInt32BE(stream.extendedTimestamp);
    this.beginChunk(stream);
    this.read(inForce.subarray(0, this.matchedBytes));
    return at;
  }

  /** A chunk's payload begins, and with it perhaps its message. */
  private beginChunk(stream: ChunkStream): void {
    if (stream.receivedBytes === 0) {
      const timestamp = stream.timestampField === EXTENDED ? stream.extendedTimestamp : stream.timestampField;
      stream.clockMs = (this.chunkType === 0 ? timestamp : stream.clockMs + timestamp) % 2 ** 32;
      this.giveMemory(stream);
    }
    this.chunkLeftBytes = Math.min(this.chunkSizeBytes, stream.lengthBytes - stream.receivedBytes);
    this.part = 'payload';
    if (this.chunkLeftBytes === 0) this.endChunk(stream);
  }

  private readPayload(bytes: Buffer, at: number): number {
    const stream = this.current();
    const taken = Math.min(this.chunkLeftBytes, bytes.length - at);
    const kept = Math.min(taken, stream.keptBytes - stream.receivedBytes);
    if (kept > 0) bytes.copy(stream.payload, stream.receivedBytes, at, at + kept);
    stream.receivedBytes += taken;
    this.chunkLeftBytes -= taken;
    if (this.chunkLeftBytes === 0) this.endChunk(stream);
    return at + taken;
  }

  private endChunk(stream: ChunkStream): void {
    this.part = 'basic';
    this.haveBytes = 0;
    this.needBytes = 1;
    if (stream.receivedBytes < stream.lengthBytes) return;
    stream.receivedBytes = 0;
    const { type, streamId, clockMs, payload, keptBytes } = stream;
    this.sink.message({ type, streamId, timestampMs: clockMs, payload: payload.subarray(0, keptBytes) });
  }

  private open(chunkStreamId: number): ChunkStream {
    const known = this.streams.get(chunkStreamId);
    if (known !== undefined) return known;
    // Some encoders open a chunk stream with a type 1 header; types 2 and 3 would leave length and type unknown.
    if (this.chunkType > 1) throw violation('chunk stream opened without a message header');
    if (this.streams.size >= MAX_CHUNK_STREAMS) throw overLimit('too many chunk streams');
    const numbers = { timestampField: 0, extendedTimestamp: 0, clockMs: 0, lengthBytes: 0, type: 0, streamId: 0 };
    const stream: ChunkStream = { ...numbers, payload: NOTHING, keptBytes: 0, receivedBytes: 0 };
    this.streams.set(chunkStreamId, stream);
    return stream;
  }

  private giveMemory(stream: ChunkStream): void {
    stream.keptBytes = this.sink.keptBytes(stream.type, stream.lengthBytes);
    if (stream.payload.length >= stream.keptBytes) return;
    const room = this.sink.budgetBytes() - (this.capacityBytes - stream.payload.length);
    if (stream.keptBytes > room) throw overLimit('messages in flight larger than allowed');
    const capacity = Math.min(room, stream.keptBytes + (stream.keptBytes >> 2));
    this.capacityBytes += capacity - stream.payload.length;
    stream.payload = Buffer.alloc(capacity);
  }

  private current(): ChunkStream {
    if (this.stream === undefined) throw new Error('No chunk is being read');
    return this.stream;
  }
}
