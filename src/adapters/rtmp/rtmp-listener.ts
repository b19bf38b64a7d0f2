import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import {
  errorText,
  type FullPlaces,
  ListenerAdmission,
  type Logger,
  plainAddress,
  type PublishGate,
  type RunningSource,
  type Visit,
} from 'vedette/plugin';
import { maxPublishersOf, maxStrangersPerAddressOf, type RtmpConfig } from './config.js';
import { listenError, rtmpError } from './errors.js';
import { Publishers } from './publishers.js';
import { ReadPace } from './read-pace.js';
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
    const what = errorText(error);
    throw rtmpError('VD_RTMP_TLS_UNREADABLE', `RTMPS cannot use ${tls.certFile} and ${tls.keyFile}: ${what}`, { cause: error });
  }
}

/** The one door for publishers: takes connections within the limits and gives each a session of its own. */
export class RtmpListener implements RunningSource {
  private readonly sessions = new Map<Visit, RtmpSession>();
  private readonly sockets = new Set<Socket>();
  private readonly admission: ListenerAdmission;
  private readonly publishers = new Publishers();
  private readonly pace = new ReadPace();
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
    this.admission = new ListenerAdmission({
      strangersPerNetwork: maxStrangersPerAddressOf(config),
      strangers: config.maxStrangers,
      known: maxPublishersOf(config),
    });
    this.trouble = new TroubleLog(logger);
    server.on('connection', (socket) => this.accept(socket));
    server.on('error', (error) => {
      this.logger.error('The RTMP listener failed', { error: error.message });
      void this.stop('the listener failed').then(() => this.ended.resolve({ reason: 'the listener failed', error }));
    });
    tls?.on('secureConnection', (socket) => {
      const visit = this.admission.of(socket);
      if (visit === undefined) socket.destroy();
      else this.serve(socket, visit);
    });
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
    if (config.maxConnections !== undefined || config.maxConnectionsPerAddress !== undefined)
      logger.warn('RTMP: maxConnections is maxPublishers now, and maxConnectionsPerAddress is maxStrangersPerAddress');
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
    await Promise.all([...this.sessions.values()].map((session) => session.stop(reason)));
    for (const socket of this.sockets) socket.destroy();
    this.ended.resolve({ reason });
  }

  private accept(socket: Socket): void {
    socket.on('error', () => undefined); // a session listens, too; a socket without one must not end the process
    const visit = this.stopping === undefined ? this.admission.accept(socket, (full) => this.turnAway(socket, full)) : undefined;
    if (visit === undefined) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    if (this.tls === undefined) this.serve(socket, visit);
    else this.tls.emit('connection', socket);
  }

  private serve(socket: Socket, visit: Visit): void {
    const { config, gate, publishers, trouble, logger, pace } = this;
    const remote = plainAddress(socket.remoteAddress ?? 'unknown');
    const session = new RtmpSession(socket, remote, { config, gate, publishers, trouble, logger, pace, visit });
    this.sessions.set(visit, session);
    void session.ended.then(() => this.sessions.delete(visit));
  }

  /** A connection in the middle of its TLS handshake has no session that could say why. */
  private turnAway(socket: Socket, full: FullPlaces): void {
    const visit = this.admission.of(socket);
    const session = visit === undefined ? undefined : this.sessions.get(visit);
    if (session !== undefined) return session.turnedAway(full);
    const remote = plainAddress(socket.remoteAddress ?? 'unknown');
    this.trouble.report(`strangers-${full}`, 'RTMP connection closed', { remote });
    this.gate.refused(remote, 'VD_RTMP_STRANGERS_FULL');
    socket.destroy();
  }
}
