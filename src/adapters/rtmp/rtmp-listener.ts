import { createServer, type Server, type Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import {
  type FullPlaces,
  ListenerAdmission,
  type Logger,
  NetworkList,
  plainAddress,
  type PublishGate,
  type RunningSource,
  type Visit,
} from 'vedette/plugin';
import { WatchedTls } from './rtmps-certificate.js';
import { maxPublishersOf, maxStrangersPerAddressOf, type RtmpConfig } from './config.js';
import { listenError } from './errors.js';
import { Publishers } from './publishers.js';
import { ReadPace } from './read-pace.js';
import { outsideNetworks, strangersFull, tellRefusal } from './refusal.js';
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

/** The ports of a config: plain RTMP's, RTMPS's, or both in this order. */
export const portsOf = ({ port, tls }: RtmpConfig): number[] => (tls?.port === undefined ? [port] : [port, tls.port]);

/** A port, and TLS where it speaks RTMPS. */
interface Door {
  readonly server: Server;
  readonly tls?: TlsServer;
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
  private readonly networks: NetworkList;
  readonly trouble: TroubleLog;

  private constructor(
    private readonly doors: readonly Door[],
    private readonly tls: WatchedTls | undefined,
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
    this.networks = new NetworkList(config.networks);
    for (const door of doors) {
      door.server.on('connection', (socket) => this.accept(socket, door.tls));
      door.server.on('error', (error) => {
        this.logger.error('The RTMP listener failed', { error: error.message });
        void this.stop('the listener failed').then(() => this.ended.resolve({ reason: 'the listener failed', error }));
      });
    }
    tls?.server.on('secureConnection', (socket) => {
      const visit = this.admission.of(socket);
      if (visit === undefined) socket.destroy();
      else this.serve(socket, visit);
    });
    tls?.server.on('tlsClientError', (_error, socket) => {
      this.trouble.report('tls', 'TLS handshake failed');
      socket.destroy();
    });
  }

  /** @throws CodedError when a port or the certificate cannot be had */
  static async open(config: RtmpConfig, gate: PublishGate, logger: Logger, signal: AbortSignal): Promise<RtmpListener> {
    const tls = config.tls === undefined ? undefined : await WatchedTls.open(config.tls, config.handshakeTimeout, logger);
    const plain: Door[] = tls === undefined || config.tls?.port !== undefined ? [{ server: createServer() }] : [];
    const doors: Door[] = tls === undefined ? plain : [...plain, { server: createServer(), tls: tls.server }];
    const listener = new RtmpListener(doors, tls, config, gate, logger);
    try {
      for (const [index, port] of portsOf(config).entries()) await listen(doors[index]!.server, { host: config.host, port });
    } catch (error) {
      await listener.stop('a port cannot be had');
      throw error;
    }
    if (signal.aborted) await listener.stop('stopped');
    else signal.addEventListener('abort', () => void listener.stop('stopped'), { once: true });
    if (config.maxConnections !== undefined || config.maxConnectionsPerAddress !== undefined)
      logger.warn('RTMP: maxConnections is maxPublishers now, and maxConnectionsPerAddress is maxStrangersPerAddress');
    logger.info('RTMP listens', { host: config.host, port: listener.port, tls: listener.tlsPort ?? false });
    return listener;
  }

  /** The port in use: the configured one, or the one picked for 0. */
  get port(): number {
    return portOf(this.doors[0]);
  }

  /** The port of RTMPS; undefined without it. */
  get tlsPort(): number | undefined {
    return this.tls === undefined ? undefined : portOf(this.doors.at(-1));
  }

  get done(): Promise<Ended> {
    return this.ended.promise;
  }

  stop(reason: string): Promise<void> {
    this.stopping ??= this.close(reason);
    return this.stopping;
  }

  private async close(reason: string): Promise<void> {
    this.tls?.close();
    for (const { server } of this.doors) server.close();
    await Promise.all([...this.sessions.values()].map((session) => session.stop(reason)));
    for (const socket of this.sockets) socket.destroy();
    this.ended.resolve({ reason });
  }

  private accept(socket: Socket, tls: TlsServer | undefined): void {
    socket.on('error', () => undefined); // a session listens, too; a socket without one must not end the process
    if (!this.networks.has(socket.remoteAddress ?? '')) return this.keepOut(socket);
    const visit = this.stopping === undefined ? this.admission.accept(socket, (full) => this.turnAway(socket, full)) : undefined;
    if (visit === undefined) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    if (tls === undefined) this.serve(socket, visit);
    else tls.emit('connection', socket);
  }

  private serve(socket: Socket, visit: Visit): void {
    const { config, gate, publishers, trouble, logger, pace } = this;
    const remote = plainAddress(socket.remoteAddress ?? 'unknown');
    const session = new RtmpSession(socket, remote, { config, gate, publishers, trouble, logger, pace, visit });
    this.sessions.set(visit, session);
    void session.ended.then(() => this.sessions.delete(visit));
  }

  /** Nothing of it has been read. */
  private keepOut(socket: Socket): void {
    const remote = plainAddress(socket.remoteAddress ?? 'unknown');
    socket.destroy();
    tellRefusal(this.gate, remote, outsideNetworks(), undefined);
    this.trouble.report('network', 'RTMP connection closed', { remote, reason: 'not of the networks that may connect' });
  }

  /** A connection in the middle of its TLS handshake has no session that could say why. */
  private turnAway(socket: Socket, full: FullPlaces): void {
    const visit = this.admission.of(socket);
    const session = visit === undefined ? undefined : this.sessions.get(visit);
    if (session !== undefined) return session.turnedAway(full);
    const remote = plainAddress(socket.remoteAddress ?? 'unknown');
    this.trouble.report(`strangers-${full}`, 'RTMP connection closed', { remote });
    tellRefusal(this.gate, remote, strangersFull(full), undefined);
    socket.destroy();
  }
}

function portOf(door: Door | undefined): number {
  const address = door?.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
