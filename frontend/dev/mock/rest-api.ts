import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  CapacityWire,
  CurrentSessionWire,
  HealthWire,
  ListedStreamWire,
  NewStreamKeyWire,
  NewStreamWire,
  Page,
  PluginWire,
  QueueWire,
  RuleWire,
  SessionWire,
  ShadowWire,
  StrategyWire,
  StreamCollections,
  StreamHealthWire,
  StreamWire,
  SystemWire,
  WallTileWire,
  TimelineWire,
} from '../../src/app/api/models';
import { ANALYZERS } from './analysis.ts';
import { answer, bodyOf, isSignedIn, notFound, refuse, SIGNED_OUT, SIGN_IN_HEADERS, SIGN_OUT_HEADERS } from './answers.ts';
import type { MockFeed } from './feed.ts';
import type { MockOptions } from './options.ts';
import { queueFigures } from './queue-figures.ts';
import type { Stage } from './stage.ts';
import { instancesOf } from './placement/instances.ts';
import { healthOf, verdictOf } from './stream-health.ts';
import { timelineOf } from './timeline-answer.ts';
import { SCENES, type Scene } from './placement/scenes.ts';

const TOKEN = 'mock';
const PAGE_LENGTH = 100;

const pageOf = <T>(items: readonly T[]): Page<T> => ({ items: [...items], next: null });

/** The mock keeps no pictures: its tiles say so. */
const wallTileOf = (streamId: string): WallTileWire => ({
  ...{ streamId, picture: null, mediaUpTo: null, analysedUpTo: null, analysisLagMs: null, event: null, openEvents: [] },
});

/** The resources under `/api` that the dashboard asks for. */
export class RestApi {
  private readonly stage: Stage;
  private readonly feed: MockFeed;
  private readonly options: MockOptions;
  private readonly scene: Scene;
  private readonly session: SessionWire;

  constructor(stage: Stage, feed: MockFeed, options: MockOptions) {
    this.stage = stage;
    this.feed = feed;
    this.options = options;
    this.scene = SCENES[options.work];
    this.session = { user: { id: randomUUID(), name: options.role, role: options.role }, kind: 'session', expiresAt: null };
  }

  async serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice('/api'.length);
    if (path === '/session') return this.serveSession(request, response);
    // Nobody has a password here: the token comes first.
    if (path === '/setup') return answer<{ isOpen: boolean }>(response, 200, { isOpen: true });
    if (path === '/health') return answer<HealthWire>(response, 200, { status: 'ok', reasons: [], issues: [] });
    if (!isSignedIn(request)) return refuse(response, SIGNED_OUT);
    switch (path) {
      case '/wall':
        return answer<Page<WallTileWire>>(response, 200, pageOf(this.stage.streams.map(({ id }) => wallTileOf(id))));
      case '/queues':
        return answer<Page<QueueWire>>(response, 200, pageOf(queueFigures()));
      case '/plugins':
        return answer<Page<PluginWire>>(response, 200, pageOf([BUILT_IN]));
      case '/system':
        return answer<SystemWire>(response, 200, this.system(request));
      case '/strategies':
        return answer<Page<StrategyWire>>(response, 200, pageOf(this.scene.strategies));
      case '/strategies/shadow':
        return answer<Page<ShadowWire>>(response, 200, pageOf(this.scene.shadows));
      case '/capacity':
        if (this.scene.capacity === null) return refuse(response, notFound(path));
        return answer<CapacityWire>(response, 200, this.scene.capacity);
      case '/streams':
        if (request.method === 'POST') return this.createStream(request, response);
        return answer<Page<ListedStreamWire>>(
          response,
          200,
          pageOf(this.stage.streams.map((stream) => ({ ...stream, health: verdictOf(stream) }))),
        );
      default:
        return this.serveStream(response, url, path);
    }
  }

  private async serveSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (request.method) {
      case 'POST': {
        const { token } = await bodyOf<{ token: string }>(request);
        if (token === TOKEN) return answer<SessionWire>(response, 200, this.session, SIGN_IN_HEADERS);
        return refuse(response, {
          status: 401,
          code: 'VD_AUTH_TOKEN_INVALID',
          title: 'The token does not open anything',
          detail: 'No token like this is waiting to be used.',
          fix: 'It may be mistyped, used, expired or revoked: take a fresh one from `vedette token`.',
        });
      }
      case 'DELETE':
        response.writeHead(204, SIGN_OUT_HEADERS).end();
        return;
      default:
        return answer<CurrentSessionWire>(response, 200, isSignedIn(request) ? this.session : { user: null, kind: null, expiresAt: null });
    }
  }

  private system({ headers }: IncomingMessage): SystemWire {
    const instances = instancesOf(this.options.work, Date.now(), this.stage.bootMs);
    return {
      version: '0.1.0',
      status: 'ok',
      problems: [],
      instances,
      ingestNodes: [],
      inference: [],
      crashes: [],
      queueBackend: 'postgres',
      rtmpUrl: `rtmp://${(headers.host ?? 'localhost').split(':')[0]}:1935/live`,
    };
  }

  private async createStream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { name = '', title = name } = await bodyOf<Pick<StreamWire, 'name' | 'title'>>(request);
    if (this.stage.streams.some((stream) => stream.name === name)) {
      return refuse(response, {
        status: 409,
        code: 'VD_STREAM_NAME_TAKEN',
        title: 'The name is taken',
        detail: `A stream called "${name}" exists.`,
        fix: 'Choose another name, or use that stream.',
      });
    }
    const stream = this.stage.addStream(name, title, 'pending', Date.now());
    this.feed.say({ type: 'stream.changed', stream });
    const key = { id: randomUUID(), hint: 'k9Zq', key: 'vd_mockKeyForLookingAtTheDialog_k9Zq' };
    answer<NewStreamWire>(response, 201, { ...stream, sourceConfig: {}, declaredAt: null, problems: [], key });
  }

  private serveStream(response: ServerResponse, url: URL, path: string): void {
    const [, id, kind = ''] = /^\/streams\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    const stream = this.stage.streams.find((candidate) => candidate.id === id);
    if (stream === undefined) return refuse(response, notFound(path));
    if (kind === 'keys') {
      return answer<NewStreamKeyWire>(response, 201, { id: randomUUID(), hint: 'Q2xv', key: 'vd_anotherMockKey_Q2xv' });
    }
    if (kind === 'health') return answer<StreamHealthWire>(response, 200, healthOf(stream));
    if (kind === 'timeline') return answer<TimelineWire>(response, 200, timelineOf(url.searchParams, Date.parse(stream.createdAt)));
    if (kind === 'rules') return answer<Page<RuleWire>>(response, 200, pageOf([]));
    if (!this.holds(kind)) return refuse(response, notFound(path));
    answer<Page<StreamCollections[typeof kind]>>(response, 200, this.page(kind, stream.id, url.searchParams));
  }

  private holds(kind: string): kind is keyof StreamCollections {
    return Object.hasOwn(this.stage.store, kind);
  }

  private page<Kind extends keyof StreamCollections>(kind: Kind, streamId: string, query: URLSearchParams): Page<StreamCollections[Kind]> {
    const fromMs = Date.parse(query.get('from') ?? '') || 0;
    const epochId = query.get('epochId');
    const stored: readonly StreamCollections[Kind][] = this.stage.store[kind];
    const found = stored.filter(
      (item) =>
        item.streamId === streamId && (epochId === null || !('epochId' in item) || item.epochId === epochId) && endMs(item) >= fromMs,
    );
    const limit = Number(query.get('limit') ?? PAGE_LENGTH);
    const after = Number(query.get('after') ?? 0);
    return { items: found.slice(after, after + limit), next: after + limit < found.length ? String(after + limit) : null };
  }
}

/** When what a collection holds is over, as far as it says. */
function endMs(item: StreamCollections[keyof StreamCollections]): number {
  if ('at' in item) return Date.parse(item.at);
  if ('startAt' in item) return Date.parse(item.endAt ?? item.startAt);
  if ('createdAt' in item) return Date.parse(item.createdAt);
  return item.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(item.endedAt);
}

const BUILT_IN: PluginWire = {
  id: 'built-in',
  version: '0.1.0',
  use: 'built-in',
  state: 'loaded',
  error: null,
  analyzers: ANALYZERS.map((analyzer) => ({ ...analyzer, version: '1.0.0', enabled: true, streams: ['*'] })),
  sources: [],
  strategies: [],
};
