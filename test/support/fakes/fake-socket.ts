import type { WebSocket } from 'ws';

/** The part of a WebSocket that a live client uses. The test says how much is unsent. */
export class FakeSocket {
  readyState = 1;
  bufferedAmount = 0;
  /** Frames as they were sent, parsed. */
  readonly sent: Record<string, unknown>[] = [];
  closedWith: { code: number; reason: string } | null = null;

  /** As the live client wants it. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(frame: Buffer, options: { binary: boolean }): void {
    if (this.readyState !== 1) throw new Error('The socket is not open');
    if (options.binary) throw new Error('The feed is text');
    this.sent.push(JSON.parse(frame.toString('utf8')) as Record<string, unknown>);
  }

  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closedWith ??= { code, reason };
  }

  terminate(): void {
    this.readyState = 3;
  }
}
