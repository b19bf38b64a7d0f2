import type { IncomingMessage, Server } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { ListenerAdmission, plainAddress } from '../../plugin-api/index.js';
import { TrustedProxies } from './trusted-proxies.js';

/** A browser opens six connections; before it has signed in, its network has room for twenty like it. */
const LIMITS = { strangersPerNetwork: 128, strangers: 1_024, known: 10_000 };
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than a proxy's, so that the proxy closes first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Node looks for late requests this often; its default of 30 s would let 15 s become 45. */
const TIMEOUT_CHECK_MS = 1_000;
const WARN_EVERY_MS = 10_000;

type HttpServer = Server & { connectionsCheckingInterval: number };

/**
 * Who may be connected to the HTTP server, its WebSockets included. A connection is a stranger's until a request on it brings a valid
 * token, session or signature. Connections of a trusted proxy are the proxy's own and not counted: it keeps slow clients to itself.
 */
@Injectable()
export class HttpConnections {
  private readonly logger = new Logger(HttpConnections.name);
  private readonly admission = new ListenerAdmission(LIMITS);
  private warnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(@Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig) {}

  /** Before the server listens: only then does Node take over how often it checks. */
  watch(server: Server): void {
    const proxies = new TrustedProxies(this.config.api.trustProxy);
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
    (server as HttpServer).connectionsCheckingInterval = TIMEOUT_CHECK_MS;
    server.on('connection', (socket) => {
      const address = plainAddress(socket.remoteAddress ?? '');
      if (proxies.isProxy(address)) return;
      this.admission.accept(socket, () => {
        this.warn(address);
        socket.destroy();
      });
    });
  }

  /** A request brought a token: its connection stays while that is looked up. */
  examine<T>(request: IncomingMessage, lookup: Promise<T>): Promise<T> {
    return this.admission.of(request.socket)?.examine(lookup) ?? lookup;
  }

  /** A request brought a valid token, session or signature. */
  known(request: IncomingMessage): void {
    this.admission.of(request.socket)?.known();
  }

  private warn(address: string): void {
    const nowMs = performance.now();
    if (nowMs - this.warnedAtMs < WARN_EVERY_MS) return;
    this.warnedAtMs = nowMs;
    this.logger.warn(`Connections without sign-in have all their places: the oldest are closed (one of ${address})`);
  }
}
