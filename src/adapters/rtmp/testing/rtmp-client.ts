import { connect, type Socket } from 'node:net';
import { amf0, commandPayload, type AmfOutput } from '../protocol/amf0-writer.js';

export { amf0, commandPayload as command };

export interface ClientMessage {
  readonly type: number;
  readonly payload: Buffer;
  readonly timestampMs?: number;
  readonly streamId?: number;
  readonly chunkStreamId?: number;
}

/** Splits a message into chunks: a type 0 header, then type 3, extended timestamps where they are due. */
export function chunks({ type, payload, timestampMs = 0, streamId = 0, chunkStreamId = 3 }: ClientMessage, chunkSizeBytes = 128): Buffer {
  const timestamp = timestampMs % 2 ** 32;
  const extended = timestamp >= 0xffffff;
  const suffix = Buffer.alloc(extended ? 4 : 0);
  if (extended) suffix.writeUInt32BE(timestamp);
  const header = Buffer.alloc(12);
  header.writeUInt8(chunkStreamId, 0);
  header.writeUIntBE(extended ? 0xffffff : timestamp, 1, 3);
  header.writeUIntBE(payload.length, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(streamId, 8);
  const parts: Buffer[] = [header, suffix];
  for (let at = 0; at < payload.length; at += chunkSizeBytes) {
    if (at > 0) parts.push(Buffer.from([0xc0 | chunkStreamId]), suffix);
    parts.push(payload.subarray(at, at + chunkSizeBytes));
  }
  return Buffer.concat(parts);
}

const within = async <T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * A small RTMP publisher for tests: does what it is told, well-formed or not.
 * @example
 * const client = await RtmpClient.open(port);
 * await client.publish('live', key);
 * for (const tag of readFlv(bytes)) client.sendTag(tag);
 * await client.close();
 */
export class RtmpClient {
  private received: Buffer = Buffer.alloc(0);
  private handshaken = false;
  private chunkSizeBytes = 128;
  private readonly waiters = new Set<() => void>();
  /** Settles when the server has closed the connection. */
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      for (const waiter of this.waiters) waiter();
    });
    socket.on('close', () => {
      for (const waiter of this.waiters) waiter();
    });
  }

  static async connect(port: number, options: { host?: string; allowHalfOpen?: boolean } = {}): Promise<RtmpClient> {
    const socket = connect({ port, host: options.host ?? '127.0.0.1', allowHalfOpen: options.allowHalfOpen ?? false });
    const client = new RtmpClient(socket);
    await within(new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject)), 5000, 'connected');
    return client;
  }

  /** Connects and shakes hands. */
  static async open(port: number, options: { host?: string; allowHalfOpen?: boolean } = {}): Promise<RtmpClient> {
    const client = await RtmpClient.connect(port, options);
    await client.handshake();
    return client;
  }

  async handshake(): Promise<void> {
    this.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 1)]));
    await this.until(() => this.received.length >= 3073, 'the handshake was answered');
    this.received = this.received.subarray(3073);
    this.handshaken = true;
    this.write(Buffer.alloc(1536, 2));
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  send(message: ClientMessage): void {
    this.write(chunks(message, this.chunkSizeBytes));
  }

  setChunkSize(sizeBytes: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(sizeBytes);
    this.send({ type: 1, payload, chunkStreamId: 2 });
    this.chunkSizeBytes = sizeBytes;
  }

  command(name: string, transactionId: number, ...args: AmfOutput[]): void {
    this.send({ type: 20, payload: commandPayload(name, transactionId, ...args), streamId: name === 'publish' || name === 'play' ? 1 : 0 });
  }

  /** `connect` and `createStream`. */
  async connectApp(app: string): Promise<void> {
    this.command('connect', 1, { app, type: 'nonprivate', tcUrl: `rtmp://127.0.0.1/${app}` });
    await this.answered('NetConnection.Connect.Success');
    this.command('createStream', 2, null);
    this.setChunkSize(4096);
  }

  /** Goes all the way to an accepted publish. */
  async publish(app: string, key: string): Promise<void> {
    await this.connectApp(app);
    this.command('publish', 3, null, key, 'live');
    await this.answered('NetStream.Publish.Start');
  }

  video(timestampMs: number, payload: Buffer): void {
    this.send({ type: 9, payload, timestampMs, streamId: 1, chunkStreamId: 6 });
  }

  audio(timestampMs: number, payload: Buffer): void {
    this.send({ type: 8, payload, timestampMs, streamId: 1, chunkStreamId: 4 });
  }

  sendTag(tag: { readonly type: number; readonly timestampMs: number; readonly payload: Buffer }): void {
    this.send({ ...tag, streamId: 1, chunkStreamId: tag.type === 8 ? 4 : tag.type === 9 ? 6 : 5 });
  }

  /** Waits for a status code, such as `NetStream.Publish.BadName`, among the server's answers. */
  async answered(code: string, timeoutMs = 5000): Promise<void> {
    await this.until(() => this.received.includes(code, 0, 'latin1'), `the server answered ${code}`, timeoutMs);
  }

  hasAnswer(code: string): boolean {
    return this.handshaken && this.received.includes(code, 0, 'latin1');
  }

  /** How often the server has said this. */
  answers(text: string): number {
    return this.received.toString('latin1').split(text).length - 1;
  }

  /** Waits until the server closed the connection. */
  async refused(timeoutMs = 5000): Promise<void> {
    await within(this.closed, timeoutMs, 'the server closed the connection');
  }

  /** Ends the connection as a polite publisher does. */
  async close(): Promise<void> {
    this.command('deleteStream', 4, null, 1);
    this.socket.end();
    await this.refused();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private async until(condition: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (condition()) resolve();
      else if (this.socket.destroyed) reject(new Error(`Connection closed before ${what}`));
    };
    this.waiters.add(check);
    check();
    try {
      await within(promise, timeoutMs, what);
    } finally {
      this.waiters.delete(check);
    }
  }
}
