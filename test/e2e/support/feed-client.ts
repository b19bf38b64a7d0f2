import { WebSocket } from 'ws';
import type { ServerMessage } from '../../../src/core/wire/wire.js';

/**
 * A WebSocket client that stays subscribed: it reconnects and resumes with its last cursor, as the dashboard does, and keeps
 * every message it got.
 */
export class FeedClient {
  readonly messages: ServerMessage[] = [];
  private socket: WebSocket | null = null;
  private cursor: string | undefined;
  private closed = false;
  reconnects = 0;

  constructor(
    private readonly baseUrl: string,
    private readonly cookie: string,
    private readonly topics: readonly string[],
    private readonly listener: (message: ServerMessage) => void = () => undefined,
  ) {}

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.connect(resolve));
    return this;
  }

  of<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.messages.filter((m): m is Extract<ServerMessage, { type: T }> => m.type === type);
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }

  private connect(subscribed?: () => void): void {
    const socket = new WebSocket(this.baseUrl.replace(/^http/, 'ws') + '/ws', {
      headers: { cookie: this.cookie, origin: this.baseUrl },
    });
    this.socket = socket;
    socket.on('message', (raw) => {
      const message = JSON.parse(String(raw)) as ServerMessage;
      if (message.type === 'hello') {
        this.cursor ??= message.cursor;
        socket.send(JSON.stringify({ type: 'subscribe', topics: this.topics, cursor: this.cursor }));
        return;
      }
      this.messages.push(message);
      this.listener(message);
      if ('cursor' in message) this.cursor = message.cursor;
      if (message.type === 'subscribed') subscribed?.();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      if (this.closed) return;
      this.reconnects += 1;
      setTimeout(() => !this.closed && this.connect(subscribed), 250);
    });
  }
}
