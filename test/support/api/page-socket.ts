import { WebSocket } from 'ws';
import { pageAnswer, type PageAnswer } from '../../../src/core/wire/page-publish.wire.js';
import { waitFor } from '../../e2e/support/wait-for.js';

type Of<T extends PageAnswer['type']> = Extract<PageAnswer, { type: T }>;

/** A page that publishes, as a program would be one; every answer is held against the schema. */
export class PageSocket {
  readonly answers: PageAnswer[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly socket: WebSocket;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + '/ws/publish', { headers });
    this.socket.on('message', (data) => this.answers.push(pageAnswer.parse(JSON.parse(String(data)))));
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }));
    this.socket.on('error', () => undefined);
  }

  /** Says what it will send, once it is connected. */
  ask(message: unknown): this {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
    else this.socket.once('open', () => this.socket.send(text));
    return this;
  }

  /** Sends a recording in pieces of a size. */
  async record(bytes: Buffer, pieceBytes = 8192): Promise<this> {
    await this.first('accepted');
    for (let at = 0; at < bytes.length; at += pieceBytes) this.socket.send(bytes.subarray(at, at + pieceBytes));
    return this;
  }

  of<T extends PageAnswer['type']>(type: T): Of<T>[] {
    return this.answers.filter((answer): answer is Of<T> => answer.type === type);
  }

  first<T extends PageAnswer['type']>(type: T): Promise<Of<T>> {
    return waitFor(`an answer ${type}; there are ${JSON.stringify(this.answers)}`, () => this.of(type)[0], 15_000, 5);
  }

  async closing(): Promise<number> {
    return (await waitFor('the socket to be closed', () => this.closed, 15_000, 20)).code;
  }
}
