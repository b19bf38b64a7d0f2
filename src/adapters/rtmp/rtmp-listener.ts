import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Logger, PublishGate, RunningSource } from 'vedette/plugin';
import type { RtmpConfig } from './config.js';
import { ConnectionLimits } from './connection-limits.js';
import { listenError, rtmpError } from './errors.js';
import { Publishers } from './publishers.js';
import { RtmpSession } from './rtmp-session.js';
import { TroubleLog } from './trouble-log.js';

type Ended = { readonly reason: string; readonly error?: Error };

/** Binds the configured address. @throws CodedError VD_RTMP_PORT_TAKEN and its like */
export async function listen(server: Server, { host, port }: Pick<RtmpConfig, 'host' | 'port'>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port);
  } finally {
    server.off('error', reject);
  }
}

/** Makes the TLS side of the listener. @throws CodedError VD_RTMP_TLS_UNREADABLE */
export async function openTls(tls: NonNullable<RtmpConfig['tls']>, handshakeTimeoutMs: number): Promise<TlsServer> {
  try {
    const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
    return createTlsServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: handshakeTimeoutMs });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw rtmpError('VD_RTMP_TLS_UNREADABLE', `RTMPS cannot use ${tls.certFile} and ${tls.keyFile}: ${what}`, error);
  }
}

/** The one door for publishers: takes connections within the limits and gives each a session of its own. */
export class RtmpListener implements RunningSource {
  private readonly sessions = new Set<RtmpSession>();
  private readonly sockets = new Set<Socket>();
  private readonly limits: ConnectionLimits;
  private readonly publishers = new Publishers();
  private readonly ended = Promise.withResolvers<Ended>();
  private stopping: Promise<void> | undefined;
  readonly trouble: TroubleLog;

  private constructor(
    private readonly server: Server,
    private readonly tls: TlsServer | undefined,
    private readonly config: RtmpConfig,
    private readonly gate: PublishGate,
    private readonly logger: Logger,
  ) {
    this.limits = new ConnectionLimits(config.maxConnections, config.maxConnectionsPerAddress);
    this.trouble = new TroubleLog(logger);
    server.on('connection', (socket) => this.accept(socket));
    server.on('error', (error) => {
      this.logger.error('The RTMP listener failed', { error: error.message });
      void this.stop('the listener failed').then(() => this.ended.resolve({ reason: 'the listener failed', error }));
    });
    tls?.on('secureConnection', (socket) => this.serve(socket, socket.remoteAddress ?? 'unknown'));
    tls?.on('tlsClientError', (_error, socket) => {
      this.trouble.report('tls', 'TLS handshake failed');
      socket.destroy();
    });
  }

  /** @throws CodedError when the port or the certificate cannot be had */
  static async open(config: RtmpConfig, gate: PublishGate, logger: Logger, signal: AbortSignal): Promise<RtmpListener> {
    const tls = config.tls === undefined ? undefined : await openTls(config.tls, config.handshakeTimeout);
    const server = createServer();
    const listener = new RtmpListener(server, tls, config, gate, logger);
    await listen(server, config);
    if (signal.aborted) await listener.stop('stopped');
    else signal.addEventListener('abort', () => void listener.stop('stopped'), { once: true });
    logger.info('RTMP listens', { host: config.host, port: listener.port, tls: tls !== undefined });
    return listener;
  }

  /** The port in use: the configured one, or the one picked for 0. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get done(): Promise<Ended> {
    return this.ended.promise;
  }

  stop(reason: string): Promise<void> {
    this.stopping ??= this.close(reason);
    return this.stopping;
  }

  private async close(reason: string): Promise<void> {
    this.server.close();
    await Promise.all([...this.sessions].map((session) => session.stop(reason)));
    for (const socket of this.sockets) socket.destroy();
    this.ended.resolve({ reason });
  }

  private accept(socket: Socket): void {
    socket.on('error', () => undefined); // a session listens, too; a socket without one must not end the process
    const address = socket.remoteAddress?.replace(/^::ffff:/, '');
    const place = address === undefined ? 'total' : this.limits.take(address);
    if (this.stopping !== undefined || address === undefined || typeof place === 'string') {
      if (typeof place === 'string' && address !== undefined)
        this.trouble.report(`connections-${place}`, 'RTMP connection over the limit closed', { remote: address });
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      place();
    });
    if (this.tls === undefined) this.serve(socket, address);
    else this.tls.emit('connection', socket);
  }

  private serve(socket: Socket, remote: string): void {
    const { config, gate, publishers, trouble, logger } = this;
    const session = new RtmpSession(socket, remote.replace(/^::ffff:/, ''), { config, gate, publishers, trouble, logger });
    this.sessions.add(session);
    void session.ended.then(() => this.sessions.delete(session));
  }
}
