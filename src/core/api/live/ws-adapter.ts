import { WsAdapter } from '@nestjs/platform-ws';

/**
 * Raw WebSockets, leaving messages to the gateway: it must bound and check them before they are parsed. Errors of a client's own
 * making (bad frames, resets) end that client's socket and are not log lines.
 */
export class LiveWsAdapter extends WsAdapter {
  override bindMessageHandlers(): void {
    // The gateway listens itself.
  }

  override bindErrorHandler(server: {
    on(event: 'connection', handler: (socket: { on(event: 'error', handler: () => void): void }) => void): void;
    on(event: 'error', handler: () => void): void;
  }): unknown {
    server.on('connection', (socket) => socket.on('error', () => undefined));
    server.on('error', () => undefined);
    return server;
  }
}
