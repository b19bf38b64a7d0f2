/** The parts of node-media-server 4.4.3 that the adapter stands on; the package ships no types. */
declare module 'node-media-server/src/protocol/rtmp.js' {
  export default class Rtmp {
    /** 0: nothing received, 1: C0, 2: C1 (answered), 3: done. */
    handshakeState: number;
    outChunkSize: number;
    objectEncoding: number;
    flv: unknown;
    onOutputCallback: (bytes: Buffer) => void;
    parserData(bytes: Buffer): string | null;
    /** Called with what follows the handshake: `lengthBytes` of `data` from `at` on. */
    chunkRead(data: Buffer, at: number, lengthBytes: number): string | null;
    sendACK(sizeBytes: number): void;
    sendWindowACK(sizeBytes: number): void;
    setPeerBandwidth(sizeBytes: number, type: number): void;
    setChunkSize(sizeBytes: number): void;
    sendStreamStatus(event: number, id: number): void;
    sendInvokeMessage(streamId: number, command: Record<string, unknown>): void;
    sendStatusMessage(streamId: number, level: string, code: string, description: string): void;
    respondCreateStream(transactionId: number): void;
  }
}
