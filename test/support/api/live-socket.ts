import { WebSocket } from 'ws';
import { serverMessage, type ServerMessage } from '../../../src/core/wire/wire.js';
import { waitFor } from '../../e2e/support/wait-for.js';

/** A socket that keeps what it gets; every message is held against the schema. */
export class LiveSocket {
  readonly messages: ServerMessage[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly socket: WebSocket;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + '/ws', { headers });
    this.socket.on('message', (data) => this.messages.push(serverMessage.parse(JSON.parse(String(data)))));
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }));
    this.socket.on('error', () => undefined);
  }
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }
  of<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.messages.filter((message): message is Extract<ServerMessage, { type: T }> => message.type === type);
  }
  async first<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    return waitFor(`a message ${type}`, () => this.of(type)[0], 10_000, 5);
  }
  async closing(): Promise<number> {
    return (await waitFor('the socket to be closed', () => this.closed, 12_000, 20)).code;
  }
  async subscribe(topics: readonly string[], cursor?: string): Promise<this> {
    await this.first('hello');
    const before = this.of('subscribed').length;
    this.send({ type: 'subscribe', topics, ...(cursor === undefined ? {} : { cursor }) });
    await waitFor('the subscription', () => this.of('subscribed').length > before, 10_000, 5);
    return this;
  }
}
