import { Inject, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError, apiErrors } from '../../errors/api.errors.js';
import { authError } from '../../errors/auth.errors.js';
import { VedetteError } from '../../errors/errors.js';
import { ingestError } from '../../errors/ingest.errors.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { TokenStore } from '../../persistence/access/token-store.js';
import { type StreamRecord, StreamStore } from '../../persistence/streams/stream-store.js';
import { Admission, CodedError, errorText } from '../../plugin-api/index.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { uuid } from '../../wire/fields.js';
import { PAGES_PATH, type PageProblem } from '../../wire/page-publish.wire.js';
import { ApiRefusals } from '../auth/api-refusals.js';
import { Authenticator } from '../auth/authenticator.js';
import { actorAt } from '../auth/request-actor.js';
import { isSameOrigin } from '../auth/same-origin.js';
import { TokenUse } from '../auth/token-use.js';
import { HttpConnections } from '../http/http-connections.js';
import { TrustedProxies } from '../http/trusted-proxies.js';
import { CLOSE } from '../live/live-client.js';
import { endThoseOutOfForce } from '../live/tokens-in-force.js';
import { MAX_MESSAGE_BYTES, PagePublisher, type PublishMessage } from './page-publisher.js';
import { PageRelay } from './page-relay.js';

const ASK_DEADLINE_MS = 10_000;
const RECHECK_MS = 5_000;
const HEARTBEAT_MS = 15_000;
/** A stranger is a page that has not been accepted yet, whether somebody is signed in on it or not. */
const LIMITS = { strangersPerNetwork: 32, strangers: 256, known: 1_000 };

/** `/ws/publish`: web pages that send what their camera records. Whoever may publish is let through to an ingest role. */
@WebSocketGateway({ path: PAGES_PATH, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
export class PublishGateway implements OnGatewayInit, OnGatewayConnection<WebSocket>, BeforeApplicationShutdown {
  private readonly logger = new Logger(PublishGateway.name);
  private readonly pages = new Set<PagePublisher>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly proxies: TrustedProxies;
  private readonly admission = new Admission(LIMITS);

  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: TokenStore,
    private readonly use: TokenUse,
    private readonly refusals: ApiRefusals,
    private readonly connections: HttpConnections,
    private readonly streams: StreamStore,
    private readonly registry: PluginRegistry,
    private readonly relay: PageRelay,
    private readonly audit: AuditLog,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {
    this.proxies = new TrustedProxies(config.api.trustProxy);
  }

  afterInit(): void {
    this.timers.push(setInterval(() => void this.recheck(), RECHECK_MS).unref(), setInterval(() => this.heartbeat(), HEARTBEAT_MS).unref());
  }

  beforeApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const page of this.pages) page.close(1001, 'The server stops');
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    const page = new PagePublisher(socket, this.proxies.addressOf(request));
    if (!isSameOrigin(request, this.config.api.allowedOrigins, true)) return page.close(CLOSE.forbidden, 'Not an origin of this server');
    this.pages.add(page);
    page.visit = this.admission.enter(page.address, () => page.close(CLOSE.full, 'Too many connections that publish nothing'));
    const deadline = setTimeout(() => page.close(CLOSE.invalid, 'Nothing was asked for in time'), ASK_DEADLINE_MS);
    socket.once('close', () => {
      clearTimeout(deadline);
      this.pages.delete(page);
    });
    void page.asks().then((message) => {
      clearTimeout(deadline);
      return this.publish(page, request, message);
    });
  }

  private async publish(page: PagePublisher, request: IncomingMessage, message: PublishMessage): Promise<void> {
    try {
      await (page.visit?.examine(this.admit(page, request, message)) ?? this.admit(page, request, message));
    } catch (error) {
      this.refuse(page, error);
    }
  }

  private async admit(page: PagePublisher, request: IncomingMessage, { stream: name, key, ...said }: PublishMessage): Promise<void> {
    // A key is for whoever has it, signed in or not.
    const owner = key === undefined ? await this.ownerOf(page, request) : null;
    const stream = await this.streamOf(name, owner !== null);
    const way = await this.relay.open({ stream, remote: page.address, isSignedIn: owner !== null, key, page: saidOfMedia(said) });
    this.connections.known(request);
    if (page.visit?.known() !== true) {
      way.destroy();
      throw apiError('VD_API_UNAVAILABLE', `${LIMITS.known} pages publish already.`);
    }
    page.owner = owner;
    page.goes(way);
    await this.audit.record({
      by: actorAt(owner, page.address),
      action: 'stream.publish',
      target: stream.id,
      detail: { by: key === undefined ? 'sign-in' : 'key' },
    });
  }

  /** @throws VD_AUTH_REQUIRED, VD_AUTH_FORBIDDEN, VD_AUTH_TOKEN_INVALID, VD_AUTH_RATE_LIMITED */
  private async ownerOf(page: PagePublisher, request: IncomingMessage) {
    const owner = await this.authenticator.authenticate(request, page.address);
    if (owner === null) throw authError('VD_AUTH_REQUIRED', 'Publishing needs a signed-in user, or the key of the stream.');
    this.use.note(owner.tokenId);
    if (owner.role !== 'admin') throw authError('VD_AUTH_FORBIDDEN', `Publishing is for admins; ${owner.userName} is a ${owner.role}.`);
    return owner;
  }

  /** Whoever is not signed in does not learn which streams there are. */
  private async streamOf(name: string, isSignedIn: boolean): Promise<StreamRecord> {
    const stream = uuid.safeParse(name).success ? await this.streams.get(name) : await this.streams.getByName(name);
    if (stream === null) {
      if (isSignedIn) throw apiError('VD_API_NOT_FOUND', `There is no stream ${name}.`);
      throw ingestError('VD_INGEST_KEY_UNKNOWN', 'The key does not open this stream');
    }
    const source = this.registry.sources.find(({ definition }) => definition.id === stream.adapterId);
    if (source?.definition.pages === undefined && isSignedIn)
      throw ingestError('VD_INGEST_OTHER_SOURCE', `The stream ${stream.name} takes media of "${stream.adapterId}", which takes no pages`);
    if (source?.definition.pages === undefined) throw ingestError('VD_INGEST_KEY_UNKNOWN', 'The key does not open this stream');
    return stream;
  }

  private refuse(page: PagePublisher, error: unknown): void {
    if (error instanceof VedetteError)
      this.refusals.add({ code: error.code, status: error.httpStatus, path: PAGES_PATH, by: actorAt(page.owner, page.address) });
    if (!(error instanceof CodedError)) this.logger.warn(`A page was not let through: ${errorText(error)}`);
    page.refuse(problemOf(error), closeCodeFor(error));
  }

  private async recheck(): Promise<void> {
    try {
      await endThoseOutOfForce(this.pages, this.tokens, this.use);
    } catch (error) {
      this.logger.warn(`Tokens of publishing pages could not be checked: ${errorText(error)}`);
    }
  }

  private heartbeat(): void {
    for (const page of this.pages) {
      if (!page.answered) {
        page.socket.terminate();
        continue;
      }
      page.answered = false;
      if (page.open) page.socket.ping();
    }
  }
}

/** What the listener has to know, and nothing more. */
const saidOfMedia = ({ mimeType, session, takeOver }: Pick<PublishMessage, 'mimeType' | 'session' | 'takeOver'>) => ({
  mimeType,
  ...(session !== undefined && { session }),
  ...(takeOver !== undefined && { takeOver }),
});

function problemOf(error: unknown): PageProblem {
  if (error instanceof CodedError) return { code: error.code, message: error.message, fix: error.fix ?? '', retryable: error.retryable };
  const { title, fix } = apiErrors.VD_API_UNAVAILABLE;
  return { code: 'VD_API_UNAVAILABLE', message: title, fix, retryable: true };
}

function closeCodeFor(error: unknown): number {
  if (error instanceof VedetteError && error.httpStatus === 401) return CLOSE.unauthenticated;
  if (error instanceof VedetteError && error.httpStatus === 429) return CLOSE.tooManyMessages;
  return error instanceof CodedError && !error.retryable ? CLOSE.forbidden : CLOSE.full;
}
