import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { errorText, FailureLimit, ListenerAdmission, plainAddress, type AnalysisHostPool, type Logger } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';
import { HANDSHAKE_TIMEOUT_MS, MIN_TOKEN_CHARS } from './protocol/limits.js';
import { fingerprintOf } from './protocol/proof.js';
import type { HostCertificate } from './certificate.js';
import { JobDesk } from './job-table.js';
import { Peer } from './peer.js';
import type { ReferenceStore } from './reference-inbox.js';

export interface WorkerHostOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly token: string;
  readonly name: string;
  /** Of Vedette. */
  readonly version: string;
  readonly certificate: HostCertificate;
  readonly analyzers: readonly { readonly id: string; readonly version: string }[];
  readonly pool: AnalysisHostPool;
  readonly references: ReferenceStore;
  readonly logger: Logger;
}

/** The server side: takes jobs of workers that share the token, over HTTP/2 and TLS 1.3, and gives them to this machine's pool. */
export class WorkerHost {
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
  private readonly server: Http2SecureServer;
  private readonly admission = new ListenerAdmission({ strangersPerNetwork: 32, strangers: 128, known: 256 });
  private readonly failures = new FailureLimit({ burst: 10, refillMs: 6_000 });
  private readonly sessions = new Map<ServerHttp2Session, Peer>();
  private readonly sockets = new Set<Socket>();
  private readonly desk: JobDesk;

  private constructor(private readonly options: WorkerHostOptions) {
    const { certificate, pool, references, logger } = options;
    this.fingerprint = fingerprintOf(new X509Certificate(certificate.cert).raw);
    this.desk = new JobDesk(pool, references, logger);
    this.server = createSecureServer({
      ...certificate,
      allowHTTP1: false,
      minVersion: 'TLSv1.3',
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxSessionInvalidFrames: 10,
      maxSessionRejectedStreams: 10,
      maxHeaderListPairs: 32,
      maxSettings: 16,
      // For those who have proved nothing yet; the others are given more.
      settings: { maxConcurrentStreams: 2, maxHeaderListSize: 8_192, enablePush: false },
    });
    this.server.prependListener('connection', (socket: Socket) => this.connected(socket));
    this.server.on('session', (session: ServerHttp2Session) => this.opened(session));
    this.server.on('unknownProtocol', (socket: Socket) => socket.destroy());
    this.server.on('sessionError', () => undefined);
    this.server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /**
   * Listens.
   * @throws VD_REMOTE_TOKEN_SHORT, VD_REMOTE_CERTIFICATE, VD_REMOTE_LISTEN
   */
  static async start(options: WorkerHostOptions): Promise<WorkerHost> {
    if (options.token.length < MIN_TOKEN_CHARS)
      throw workerHostError('VD_REMOTE_TOKEN_SHORT', `the token has ${options.token.length} characters, ${MIN_TOKEN_CHARS} are needed`);
    let host: WorkerHost;
    try {
      host = new WorkerHost(options);
    } catch (cause) {
      throw workerHostError('VD_REMOTE_CERTIFICATE', `the certificate and its key are of no use: ${errorText(cause)}`, { cause });
    }
    await host.listen();
    return host;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Ends all connections: workers send their jobs elsewhere. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.sessions.keys()) session.destroy();
    // Those in the middle of their TLS handshake too.
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private listen(): Promise<void> {
    const { host, port } = this.options.listen;
    return new Promise((resolve, reject) => {
      const fail = (cause: NodeJS.ErrnoException): void => {
        const why =
          cause.code === 'EADDRINUSE' ? 'another program has the port' : cause.code === 'EACCES' ? 'permission denied' : cause.message;
        reject(workerHostError('VD_REMOTE_LISTEN', `the worker host cannot listen on ${host}:${port}: ${why}`, { cause }));
      };
      this.server.once('error', fail);
      this.server.listen(port, host, () => {
        this.server.off('error', fail);
        this.server.on('error', (error) => this.options.logger.error('The listener of the worker host failed', { error }));
        resolve();
      });
    });
  }

  /** Before TLS: strangers cost a socket, and these take their places from each other only. */
  private connected(socket: Socket): void {
    if (this.admission.accept(socket, () => socket.destroy()) === undefined) {
      socket.destroy();
      return;
    }
    socket.setKeepAlive(true, 5_000);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private opened(session: ServerHttp2Session): void {
    const address = plainAddress(session.socket.remoteAddress ?? '');
    const visit = this.admission.of(session.socket);
    const { token, logger } = this.options;
    try {
      const peer = new Peer(session, {
        token,
        fingerprint: this.fingerprint,
        facts: () => this.facts(),
        desk: this.desk,
        logger,
        onProved: () => visit?.known() ?? false,
        onFailed: () => {
          const { exceeded } = this.failures.attempt(address);
          if (exceeded) session.destroy();
          else logger.warn('Somebody with another token was turned away', { address });
        },
      });
      this.sessions.set(session, peer);
      session.once('close', () => this.sessions.delete(session));
    } catch {
      // The connection was gone before it began.
      session.destroy();
    }
  }

  private facts() {
    const { name, version, analyzers, pool } = this.options;
    return {
      name,
      vedette: version,
      analyzers: analyzers.map(({ id, version: own }) => ({ id, version: own })),
      capacity: pool.load().capacity,
      os: process.platform,
      arch: process.arch,
    };
  }
}
