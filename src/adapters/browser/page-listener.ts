import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { hostname } from 'node:os';
import type { AddressInfo, Socket } from 'node:net';
import { errorText, ListenerAdmission, type Logger, type PageGate, type RunningSource } from 'vedette/plugin';
import type { BrowserConfig } from './config.js';
import { browserError } from './errors.js';
import { Occupants } from './occupants.js';
import { PageSession } from './page-session.js';
import { readUpgrade, refusalOf, refuseUpgrade } from './upgrade-request.js';

const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
/** Without a permit; an API role has one when it connects. */
const STRANGERS = { strangersPerNetwork: 64, strangers: 256 };
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

type Ended = { readonly reason: string; readonly error?: Error };

export interface ListenerOptions {
  readonly adapterId: string;
  readonly config: BrowserConfig;
  readonly gate: PageGate;
  readonly logger: Logger;
}

/** Takes what API roles let through to it, and nobody else. */
export class PageListener implements RunningSource {
  private readonly server: Server;
  private readonly admission: ListenerAdmission;
  private readonly occupants = new Occupants();
  private readonly sessions = new Set<PageSession>();
  private readonly endedPromise = Promise.withResolvers<Ended>();
  private stopping: Promise<void> | undefined;

  private constructor(private readonly options: ListenerOptions) {
    this.admission = new ListenerAdmission({ ...STRANGERS, known: options.config.maxPublishers });
    this.server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    });
    this.server.on('connection', (socket) => void this.admission.accept(socket, () => socket.destroy()));
    this.server.on('request', (_request, response) => {
      const body = JSON.stringify(refusalOf(browserError('VD_BROWSER_REQUEST_INVALID', 'This is not a request of an API role')));
      response.writeHead(403, { 'Content-Type': 'application/json', Connection: 'close' }).end(body);
    });
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket as Socket, head));
  }

  /** @throws VD_BROWSER_LISTEN_FAILED */
  static async open(options: ListenerOptions, signal: AbortSignal): Promise<PageListener> {
    const { host, port } = options.config;
    const listener = new PageListener(options);
    const { server } = listener;
    try {
      server.listen({ host, port });
      await once(server, 'listening');
    } catch (error) {
      throw browserError('VD_BROWSER_LISTEN_FAILED', `Pages cannot be taken on ${host}:${port}: ${errorText(error)}`, { cause: error });
    }
    server.on('error', (error) => {
      void listener.stop('the listener failed').then(() => listener.endedPromise.resolve({ reason: 'the listener failed', error }));
    });
    if (signal.aborted) await listener.stop('stopped');
    else {
      signal.addEventListener('abort', () => void listener.stop('stopped'), { once: true });
      options.gate.reachableAt(options.adapterId, listener.url);
    }
    return listener;
  }

  get url(): string {
    const { host, url } = this.options.config;
    if (url !== undefined) return url;
    const name = EVERY_ADDRESS.has(host) ? hostname() : host;
    return `http://${name.includes(':') ? `[${name}]` : name}:${(this.server.address() as AddressInfo).port}`;
  }

  get done(): Promise<Ended> {
    return this.endedPromise.promise;
  }

  stop(reason: string): Promise<void> {
    this.stopping ??= this.close(reason);
    return this.stopping;
  }

  private async close(reason: string): Promise<void> {
    const { gate, adapterId } = this.options;
    gate.reachableAt(adapterId, undefined);
    this.server.close();
    await Promise.all([...this.sessions].map((session) => session.stop(reason)));
    this.server.closeAllConnections();
    this.endedPromise.resolve({ reason });
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => undefined); // a session listens as well; a socket without one must not end the process
    const visit = this.stopping === undefined ? this.admission.of(socket) : undefined;
    if (visit === undefined) return void socket.destroy();
    try {
      const asked = readUpgrade(request);
      if (head.length > 0) socket.unshift(head);
      const session = new PageSession(socket, asked, {
        ...{ ...this.options, visit, occupants: this.occupants },
        wallClockMs: () => Date.now(),
      });
      this.sessions.add(session);
      void session.ended.then(() => this.sessions.delete(session));
    } catch (error) {
      refuseUpgrade(socket, error);
    }
  }
}
