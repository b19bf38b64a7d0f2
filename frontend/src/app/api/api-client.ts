import createClient, { type Middleware } from 'openapi-fetch';
import type {
  BackfillQuoteWire,
  BackfillWire,
  BrandIconWire,
  BrandWire,
  CapacityWire,
  ClipWire,
  CurrentSessionWire,
  ListedStreamWire,
  JudgementWire,
  NewShareWire,
  NewStreamKeyWire,
  NewStreamWire,
  Page,
  PluginWire,
  QueueWire,
  ReferenceWire,
  RuleWire,
  SessionWire,
  ShadowWire,
  StrategyWire,
  StreamCollections,
  StreamDetailWire,
  StreamHealthWire,
  SystemWire,
  ThumbnailsWire,
  TimelineQueryWire,
  TimelineWire,
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
export type CollectionQuery = { [Key in keyof Query<'listMetrics'>]: string | number };

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

  timeline(id: string, query: TimelineQueryWire): Promise<TimelineWire> {
    return bodyOf(this.http.GET('/api/streams/{id}/timeline', { params: { path: { id }, query } }));
  }
  thumbnails(id: string, query: Query<'listThumbnails'>): Promise<ThumbnailsWire> {
    return bodyOf(this.http.GET('/api/streams/{id}/thumbnails', { params: { path: { id }, query } }));
  }

  createClip(body: Body<'createClip'>): Promise<ClipWire> {
    return bodyOf(this.http.POST('/api/clips', { body }));
  }
  clip(id: string): Promise<ClipWire> {
    return bodyOf(this.http.GET('/api/clips/{id}', { params: { path: { id } } }));
  }
  cancelClip(id: string): Promise<ClipWire> {
    return bodyOf(this.http.POST('/api/clips/{id}/cancel', { params: { path: { id } } }));
  }
  createShare(body: Body<'createShare'>): Promise<NewShareWire> {
    return bodyOf(this.http.POST('/api/shares', { body }));
  }

  createBackfill(body: Body<'createBackfill'>): Promise<BackfillWire> {
    return bodyOf(this.http.POST('/api/backfills', { body }));
  }
  quoteBackfill(body: Body<'quoteBackfill'>): Promise<BackfillQuoteWire> {
    return bodyOf(this.http.POST('/api/backfills/quote', { body }));
  }
  backfill(id: string): Promise<BackfillWire> {
    return bodyOf(this.http.GET('/api/backfills/{id}', { params: { path: { id } } }));
  }

  async rules(id: string): Promise<RuleWire[]> {
    return (await bodyOf(this.http.GET('/api/streams/{id}/rules', { params: { path: { id } } }))).items;
  }
  createRule(id: string, body: Body<'createRule'>): Promise<RuleWire> {
    return bodyOf(this.http.POST('/api/streams/{id}/rules', { params: { path: { id } }, body }));
  }
  updateRule(id: string, ruleId: string, body: Body<'updateRule'>): Promise<RuleWire> {
    return bodyOf(this.http.PATCH('/api/streams/{id}/rules/{ruleId}', { params: { path: { id, ruleId } }, body }));
  }
  async removeRule(id: string, ruleId: string): Promise<void> {
    await this.http.DELETE('/api/streams/{id}/rules/{ruleId}', { params: { path: { id, ruleId } } });
  }
  judgeRule(id: string, body: Body<'judgeRule'>): Promise<JudgementWire> {
    return bodyOf(this.http.POST('/api/streams/{id}/rules/judge', { params: { path: { id } }, body }));
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
  /** Cuts an image of a brand out of a frame that was recorded. */
  addReferenceFromFrame(id: string, body: Body<'addReferenceFromFrame'>): Promise<ReferenceWire> {
    return bodyOf(this.http.POST('/api/brands/{id}/references/from-frame', { params: { path: { id } }, body }));
  }
  /** Looks for a brand in what was recorded: a backfill. */
  findBrand(id: string, body: Body<'findBrand'>): Promise<BackfillWire> {
    return bodyOf(this.http.POST('/api/brands/{id}/find', { params: { path: { id } }, body }));
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
      onResponse: async ({ response }) => {
        if (response.status === 401) this.onUnauthorised?.();
        if (!response.ok) throw new ApiError(await problemOf(response));
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
