import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server and can take the connection away: every kind of "the database is gone". */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly pipes = new Set<readonly [from: Socket, to: Socket]>();
  private cutOff = false;
  private stalled = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(host: string, port: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('No port');
    const proxy = new TcpProxy(server, address.port);
    server.on('connection', (client) => {
      if (proxy.cutOff) {
        client.resetAndDestroy();
        return;
      }
      const upstream = connect(port, host);
      for (const pipe of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        const [from, to] = pipe;
        proxy.sockets.add(from);
        proxy.pipes.add(pipe);
        from.on('error', () => undefined);
        from.on('close', () => {
          proxy.sockets.delete(from);
          proxy.pipes.delete(pipe);
          to.destroy();
        });
        if (!proxy.stalled) from.pipe(to);
      }
    });
    return proxy;
  }

  /** Resets every connection, and refuses new ones until {@link mend}. */
  cut(): void {
    this.cutOff = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Carries nothing either way and says nothing of it, as a network that is torn; what was sent comes late, at {@link mend}. */
  stall(): void {
    this.stalled = true;
    this.mute();
  }

  /** As {@link stall}, but new connections go through: another machine has taken the place of the one that is gone. */
  mute(): void {
    for (const [from, to] of this.pipes) {
      from.unpipe(to);
      from.pause();
    }
  }

  mend(): void {
    this.cutOff = false;
    if (!this.stalled) return;
    this.stalled = false;
    for (const [from, to] of this.pipes) from.pipe(to);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
