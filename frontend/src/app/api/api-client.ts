import createClient, { type Middleware } from 'openapi-fetch';
import type {
  BrandIconWire,
  BrandWire,
  CapacityWire,
  CurrentSessionWire,
  HealthWire,
  ListedStreamWire,
  NewStreamKeyWire,
  NewStreamWire,
  Page,
  PluginWire,
  QueueWire,
  ReferenceWire,
  SessionWire,
  ShadowWire,
  StrategyWire,
  StreamCollections,
  StreamDetailWire,
  StreamHealthWire,
  SystemWire,
  WallTileWire,
} from './models';
import { ApiError, problemOf, unreachable } from './problem';
import type { operations, paths } from './schema';

type Body<Operation extends keyof operations> = operations[Operation] extends {
  requestBody?: { content: { 'application/json': infer Sent } };
}
  ? Sent
  : never;
type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;
/** Which part of a collection; the same for each. Numbers travel as text. */
export type CollectionQuery = { [Key in keyof Omit<Query<'listMetrics'>, 'order'>]: string | number };

/** REST, typed by the API's own document. Every method rejects with {@link ApiError}; `onUnauthorised` is called for each 401. */
export class ApiClient {
  onUnauthorised: (() => void) | null = null;
  private readonly http;

  /** @param serverUrl without a slash at its end; `/api` lies below it */
  constructor(serverUrl: string, fetchFn: (request: Request) => Promise<Response> = (request) => fetch(request)) {
    this.http = createClient<paths>({ baseUrl: serverUrl, fetch: fetchFn, credentials: 'same-origin', cache: 'no-store' });
    this.http.use(this.refusals());
  }

  session(): Promise<CurrentSessionWire> {
    return bodyOf(this.http.GET('/api/session'));
  }
  signIn(token: string): Promise<SessionWire> {
    return bodyOf(this.http.POST('/api/session', { body: { token } }));
  }
  async signOut(): Promise<void> {
    await this.http.DELETE('/api/session');
  }

  async streams(): Promise<ListedStreamWire[]> {
    return (await bodyOf(this.http.GET('/api/streams'))).items;
  }
  streamHealth(id: string): Promise<StreamHealthWire> {
    return bodyOf(this.http.GET('/api/streams/{id}/health', { params: { path: { id } } }));
  }
  createStream(body: Body<'createStream'>): Promise<NewStreamWire> {
    return bodyOf(this.http.POST('/api/streams', { body }));
  }
  updateStream(id: string, body: Body<'updateStream'>): Promise<StreamDetailWire> {
    return bodyOf(this.http.PATCH('/api/streams/{id}', { params: { path: { id } }, body }));
  }
  async removeStream(id: string): Promise<void> {
    await this.http.DELETE('/api/streams/{id}', { params: { path: { id } } });
  }
  createKey(id: string): Promise<NewStreamKeyWire> {
    return bodyOf(this.http.POST('/api/streams/{id}/keys', { params: { path: { id } } }));
  }
  page<K extends keyof StreamCollections>(id: string, collection: K, query: CollectionQuery): Promise<Page<StreamCollections[K]>> {
    // One of several addresses of one shape: what it answers with follows from its name.
    const path = `/api/streams/{id}/${collection}` as '/api/streams/{id}/metrics';
    return bodyOf(this.http.GET(path, { params: { path: { id }, query: query as Query<'listMetrics'> } })) as Promise<unknown> as Promise<
      Page<StreamCollections[K]>
    >;
  }

  /** Follows `next` until the end or `maxPages`, oldest page first. */
  pages<K extends keyof StreamCollections>(
    id: string,
    collection: K,
    query: CollectionQuery,
    maxPages: number,
  ): Promise<StreamCollections[K][]> {
    return everyPage((cursor) => this.page(id, collection, { ...query, ...cursor }), maxPages);
  }

  async brands(): Promise<BrandWire[]> {
    return (await bodyOf(this.http.GET('/api/brands'))).items;
  }
  brand(id: string): Promise<BrandWire> {
    return bodyOf(this.http.GET('/api/brands/{id}', { params: { path: { id } } }));
  }
  createBrand(body: Body<'createBrand'>): Promise<BrandWire> {
    return bodyOf(this.http.POST('/api/brands', { body }));
  }
  updateBrand(id: string, body: Body<'updateBrand'>): Promise<BrandWire> {
    return bodyOf(this.http.PATCH('/api/brands/{id}', { params: { path: { id } }, body }));
  }
  async removeBrand(id: string): Promise<void> {
    await this.http.DELETE('/api/brands/{id}', { params: { path: { id } } });
  }
  restoreBrand(id: string): Promise<BrandWire> {
    return bodyOf(this.http.POST('/api/brands/{id}/restore', { params: { path: { id } } }));
  }
  async brandIcons(query: string): Promise<BrandIconWire[]> {
    return (await bodyOf(this.http.GET('/api/brand-icons', { params: { query: { query } } }))).items;
  }
  /** Sends the image as it is: the server reads what it is from its content. */
  addReference(id: string, image: Blob, query: Query<'addReference'> = {}): Promise<ReferenceWire> {
    return bodyOf(
      this.http.POST('/api/brands/{id}/references', {
        params: { path: { id }, query },
        headers: { 'content-type': image.type || 'application/octet-stream' },
        body: image as never,
        bodySerializer: () => image,
      }),
    );
  }
  async removeReference(id: string, referenceId: string): Promise<void> {
    await this.http.DELETE('/api/brands/{id}/references/{referenceId}', { params: { path: { id, referenceId } } });
  }
  restoreReference(id: string, referenceId: string): Promise<ReferenceWire> {
    return bodyOf(this.http.POST('/api/brands/{id}/references/{referenceId}/restore', { params: { path: { id, referenceId } } }));
  }

  async queues(): Promise<QueueWire[]> {
    return (await bodyOf(this.http.GET('/api/queues'))).items;
  }
  async plugins(): Promise<PluginWire[]> {
    return (await bodyOf(this.http.GET('/api/plugins'))).items;
  }
  /** @throws ApiError where something else than Vedette answers, or nothing */
  async health(): Promise<HealthWire> {
    const { data, error } = (await this.http.GET('/api/health')) as { data?: HealthWire; error?: unknown };
    const told = data ?? (error as Partial<HealthWire> | null);
    if (!Array.isArray(told?.issues)) throw unreachable(new TypeError('Not an answer of Vedette'));
    return told as HealthWire;
  }
  async wall(): Promise<WallTileWire[]> {
    return (await bodyOf(this.http.GET('/api/wall'))).items;
  }
  system(): Promise<SystemWire> {
    return bodyOf(this.http.GET('/api/system'));
  }
  /** @param upTo of what was seen: what crashed since is still told */
  async acknowledgeCrashes(upTo: string): Promise<void> {
    await this.http.POST('/api/system/crashes/acknowledge', { body: { upTo } });
  }
  async strategies(): Promise<StrategyWire[]> {
    return (await bodyOf(this.http.GET('/api/strategies'))).items;
  }
  /** @param window hours or days, such as `24h` */
  async shadows(window: string): Promise<ShadowWire[]> {
    return (await bodyOf(this.http.GET('/api/strategies/shadow', { params: { query: { window } } }))).items;
  }
  capacity(): Promise<CapacityWire> {
    return bodyOf(this.http.GET('/api/capacity'));
  }

  private refusals(): Middleware {
    return {
      onResponse: async ({ response, schemaPath }) => {
        if (response.status === 401) this.onUnauthorised?.();
        // Unwell is an answer, too.
        if (!response.ok && schemaPath !== '/api/health') throw new ApiError(await problemOf(response));
      },
      onError: ({ error }) => unreachable(error),
    };
  }
}

/** What was answered; refusals have been thrown before. */
async function bodyOf<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}

async function everyPage<T>(pageAt: (cursor: { after?: string }) => Promise<Page<T>>, maxPages = Infinity): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = null;
  for (let count = 0; count < maxPages; count++) {
    const page: Page<T> = await pageAt(after === null ? {} : { after });
    items.push(...page.items);
    after = page.next;
    if (after === null) break;
  }
  return items;
}
