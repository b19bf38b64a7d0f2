import Rtmp from 'node-media-server/src/protocol/rtmp.js';
import { ChunkReader, type ChunkSink, type RtmpMessage } from '../protocol/chunk-reader.js';
import { commandPayload } from '../protocol/amf0-writer.js';
import { ENHANCED_RTMP } from '../protocol/capabilities.js';
import { oneChunk } from '../protocol/one-chunk.js';
import { MessageType } from '../protocol/message-type.js';
import { violation } from '../refusal.js';

/** What the guard asks its session: see {@link ChunkSink}; control messages are the guard's own. */
export interface MessageGate extends ChunkSink {
  output(bytes: Buffer): void;
}

const WINDOW_ACK_BYTES = 2_500_000;
const CONTROL_BYTES: Readonly<Record<number, readonly [min: number, max: number]>> = {
  [MessageType.setChunkSize]: [4, 4],
  [MessageType.abort]: [4, 4],
  [MessageType.acknowledgement]: [4, 4],
  [MessageType.userControl]: [2, 64],
  [MessageType.windowAckSize]: [4, 4],
  [MessageType.peerBandwidth]: [5, 5],
};

/**
 * node-media-server's handshake and answers; what a peer sends after the handshake is read by our own {@link ChunkReader}. Control
 * messages are validated here, commands and media go to our session and never to the library's own handlers or its shared state.
 */
export class GuardedRtmp extends Rtmp implements ChunkSink {
  private bytesIn = 0;
  private bytesAcknowledged = 0;
  private windowAckBytes = WINDOW_ACK_BYTES;
  private readonly reader = new ChunkReader(this);

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
    this.parserData(bytes);
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
    const properties = { fmsVer: 'FMS/3,0,1,123', capabilities: 31, ...ENHANCED_RTMP };
    const status = { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connection succeeded.' };
    const payload = commandPayload('_result', transactionId, properties, { ...status, objectEncoding: this.objectEncoding });
    this.gate.output(oneChunk(MessageType.command, payload, this.outChunkSize));
  }

  refuseConnect(transactionId: number, description: string): void {
    this.sendInvokeMessage(0, {
      cmd: '_error',
      transId: transactionId,
      cmdObj: null,
      info: { level: 'error', code: 'NetConnection.Connect.Rejected', description },
    });
  }

  /** The library hands over what comes after the handshake. */
  override chunkRead(data: Buffer, at: number, lengthBytes: number): null {
    this.reader.read(data.subarray(at, at + lengthBytes));
    return null;
  }

  keptBytes(type: number, lengthBytes: number): number {
    const control = CONTROL_BYTES[type];
    if (control === undefined) return this.gate.keptBytes(type, lengthBytes);
    if (lengthBytes < control[0] || lengthBytes > control[1]) throw violation('control message of a wrong size');
    return lengthBytes;
  }

  budgetBytes(): number {
    return this.gate.budgetBytes();
  }

  message(message: RtmpMessage): void {
    const { type, payload } = message;
    switch (type) {
      case MessageType.setChunkSize:
        this.reader.chunkSize = payload.readUInt32BE();
        return;
      case MessageType.abort:
        return this.reader.abort(payload.readUInt32BE());
      case MessageType.windowAckSize:
        this.windowAckBytes = Math.max(65_536, payload.readUInt32BE());
        return;
      case MessageType.userControl:
        if (payload.readUInt16BE() === 6 && payload.length >= 6) this.sendStreamStatus(7, payload.readUInt32BE(2));
        return;
      case MessageType.acknowledgement:
      case MessageType.peerBandwidth:
        return;
      default:
        this.gate.message(message);
    }
  }
}
