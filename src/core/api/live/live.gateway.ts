import { Inject, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiErrors } from '../../errors/api.errors.js';
import { VedetteError } from '../../errors/errors.js';
import { TokenStore } from '../../persistence/access/token-store.js';
import { errorText, Admission } from '../../plugin-api/index.js';
import { actorAt } from '../auth/request-actor.js';
import { Authenticator } from '../auth/authenticator.js';
import { TokenUse } from '../auth/token-use.js';
import { ApiRefusals } from '../auth/api-refusals.js';
import { credentialsOf } from '../auth/credentials.js';
import { isSameOrigin } from '../auth/same-origin.js';
import { TrustedProxies } from '../http/trusted-proxies.js';
import { encodeCursor } from '../feed/cursor.js';
import { FeedHub } from '../feed/feed-hub.js';
import { CLOSE, LiveClient } from './live-client.js';
import { Subscriptions } from './subscriptions.js';
import { endThoseOutOfForce } from './tokens-in-force.js';
import { clientMessage, type ServerMessage } from '../../wire/wire.js';

const MAX_PAYLOAD_BYTES = 64 * 1024;
const AUTH_DEADLINE_MS = 5_000;
const RECHECK_MS = 5_000;
const HEARTBEAT_MS = 15_000;
/** Behind a proxy all connections are the proxy's: clients are counted here by the address that it names. */
const LIMITS = { strangersPerNetwork: 32, strangers: 256, known: 10_000 };

/** `/ws`: lets clients in, reads what they send, and keeps watching that they still may be here. */
@WebSocketGateway({ path: '/ws', maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false })
export class LiveGateway implements OnGatewayInit, OnGatewayConnection<WebSocket>, BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveGateway.name);
  private readonly clients = new Set<LiveClient>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly proxies: TrustedProxies;
  private readonly admission = new Admission(LIMITS);

  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: TokenStore,
    private readonly hub: FeedHub,
    private readonly subscriptions: Subscriptions,
    private readonly use: TokenUse,
    private readonly refusals: ApiRefusals,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {
    this.proxies = new TrustedProxies(config.api.trustProxy);
  }

  afterInit(): void {
    this.timers.push(setInterval(() => void this.recheck(), RECHECK_MS).unref(), setInterval(() => this.heartbeat(), HEARTBEAT_MS).unref());
  }

  beforeApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const client of this.clients) client.close(1001, 'The server stops');
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    const client = new LiveClient(socket, this.proxies.addressOf(request));
    if (!isSameOrigin(request, this.config.api.allowedOrigins, true)) {
      client.close(CLOSE.forbidden, 'Not an origin of this server');
      return;
    }
    this.clients.add(client);
    const deadline = setTimeout(() => {
      if (client.owner === null) client.close(CLOSE.unauthenticated, 'No authentication in time');
    }, AUTH_DEADLINE_MS);
    socket.on('pong', () => (client.answered = true));
    socket.once('close', () => {
      clearTimeout(deadline);
      client.visit?.gone();
      this.clients.delete(client);
      this.subscriptions.leave(client);
    });
    // One message at a time, in order.
    let work = this.greet(client, request);
    socket.on('message', (data, binary) => {
      if (!client.rate.take()) {
        client.send(refusal('VD_API_RATE_LIMITED'));
        client.close(CLOSE.tooManyMessages, 'Too many messages');
        return;
      }
      work = work.then(() => this.receive(client, request, data, binary));
    });
  }

  /** Credentials that come with the upgrade are looked up first: only a client without any takes a stranger's place. */
  private async greet(client: LiveClient, request: IncomingMessage): Promise<void> {
    if (credentialsOf(request) !== null) return this.authenticate(client, this.authenticator.authenticate(request, client.address));
    client.visit = this.admission.enter(client.address, () => client.close(CLOSE.full, 'Too many connections without sign-in'));
  }

  private async authenticate(client: LiveClient, lookup: Promise<LiveClient['owner']>): Promise<void> {
    try {
      const owner = await (client.visit?.examine(lookup) ?? lookup);
      if (owner === null || !client.open) return;
      client.visit ??= this.admission.enterKnown(client.address) ?? null;
      if (client.visit?.known() !== true) {
        client.close(CLOSE.full, 'Too many connections');
        return;
      }
      client.owner = owner;
      client.send({ type: 'hello', cursor: encodeCursor(this.hub.position), serverTime: new Date().toISOString() });
    } catch (error) {
      this.refuse(client, error);
    }
  }

  private async receive(client: LiveClient, request: IncomingMessage, data: RawData, binary: boolean): Promise<void> {
    if (!client.open) return;
    const message = binary ? null : parse(data);
    if (message === null) {
      client.send({
        ...refusal('VD_API_INVALID'),
        fix: 'Send JSON texts: auth, subscribe or ping, as ClientMessage in /api/openapi.json.',
      });
      if (client.owner === null) client.close(CLOSE.invalid, 'Not a message of this protocol');
      return;
    }
    if (message.type === 'auth') {
      if (client.owner === null) await this.authenticate(client, this.authenticator.verify(request, message.token, client.address));
      return;
    }
    if (client.owner === null) {
      client.close(CLOSE.unauthenticated, 'Authenticate first');
      return;
    }
    if (message.type === 'ping') {
      client.send({ type: 'pong' });
      return;
    }
    try {
      await this.subscriptions.subscribe(client, client.owner, message.topics, message.cursor);
    } catch (error) {
      this.refuse(client, error);
    }
  }

  private refuse(client: LiveClient, error: unknown): void {
    if (error instanceof VedetteError)
      this.refusals.add({ code: error.code, status: error.httpStatus, path: '/ws', by: actorAt(client.owner, client.address) });
    if (error instanceof VedetteError && error.httpStatus === 401) client.close(CLOSE.unauthenticated, error.code);
    else if (error instanceof VedetteError && error.httpStatus === 429) client.close(CLOSE.tooManyMessages, error.code);
    else {
      this.logger.warn(`A socket was closed: ${errorText(error)}`);
      client.close(1011, 'Try again');
    }
  }

  private async recheck(): Promise<void> {
    try {
      await endThoseOutOfForce(this.clients, this.tokens, this.use);
    } catch (error) {
      this.logger.warn(`Tokens of open sockets could not be checked: ${errorText(error)}`);
    }
  }

  private heartbeat(): void {
    const cursor = encodeCursor(this.hub.position);
    for (const client of this.clients) {
      if (!client.answered) {
        client.socket.terminate();
        continue;
      }
      client.answered = false;
      if (client.open) client.socket.ping();
      // So that a client whose topics are quiet resumes from near the present, not from long ago.
      if (client.live && !client.sentSomething) client.send({ type: 'cursor', cursor });
      client.sentSomething = false;
    }
  }
}

function refusal(code: 'VD_API_INVALID' | 'VD_API_RATE_LIMITED'): Extract<ServerMessage, { type: 'error' }> {
  return { type: 'error', code, message: apiErrors[code].title, fix: apiErrors[code].fix };
}

function parse(data: RawData) {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    return null;
  }
  const result = clientMessage.safeParse(value);
  return result.success ? result.data : null;
}
