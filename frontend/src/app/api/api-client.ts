import createClient, { type Middleware } from 'openapi-fetch';
import type {
  AboutWire,
  AuditEntryWire,
  BackfillDiffWire,
  BackfillQuoteWire,
  BackfillWire,
  BrandIconWire,
  BrandSightingWire,
  BrandTrialWire,
  BrandWire,
  CapacityWire,
  CaseWire,
  ClipWire,
  CurrentSessionWire,
  EventGroupWire,
  HealthWire,
  ImportWire,
  InstalledPluginWire,
  JudgementWire,
  LicenceWire,
  ListedStreamWire,
  LogEntryWire,
  NewShareWire,
  NewStreamKeyWire,
  NewStreamWire,
  Page,
  PluginDetailWire,
  PluginSettings,
  PluginSettingsChangeWire,
  PluginWire,
  QueueReportWire,
  QueueRunWire,
  QueueWire,
  ReferenceWire,
  RetentionWire,
  RetriedRunsWire,
  RoleLogsWire,
  RuleWire,
  SearchWire,
  SegmentWire,
  SessionWire,
  ShadowWire,
  StrategyWire,
  StreamCollections,
  StreamDetailWire,
  StreamHealthWire,
  StreamsExposureWire,
  SystemWire,
  ThumbnailsWire,
  TimelineQueryWire,
  TimelineWire,
  WallTileWire,
} from './models';
import { bodyOf, type Body, type Http } from './body';
import { PeopleApi } from './people-api';
import { ApiError, problemOf, unreachable } from './problem';
import type { operations, paths } from './schema';
import { UpkeepApi } from './upkeep-api';

export type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;
/** Which part of a collection; the same for each. Numbers travel as text. */
export type CollectionQuery = { [Key in keyof Query<'listMetrics'>]: string | number };

/** REST, typed by the API's own document. Every method rejects with {@link ApiError}; `onUnauthorised` is called for each 401. */
export class ApiClient {
  onUnauthorised: (() => void) | null = null;
  readonly people: PeopleApi;
  readonly upkeep: UpkeepApi;
  private readonly http: Http;

  /** @param serverUrl without a slash at its end; `/api` lies below it */
  constructor(serverUrl: string, fetchFn: (request: Request) => Promise<Response> = (request) => fetch(request)) {
    this.http = createClient<paths>({ baseUrl: serverUrl, fetch: fetchFn, credentials: 'same-origin', cache: 'no-store' });
    this.http.use(this.refusals());
    this.people = new PeopleApi(this.http);
    this.upkeep = new UpkeepApi(this.http);
  }

  session(): Promise<CurrentSessionWire> {
    return bodyOf(this.http.GET('/api/session'));
  }
  signIn(body: Body<'signIn'>): Promise<SessionWire> {
    return bodyOf(this.http.POST('/api/session', { body }));
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

  /** The newest first. */
  async newestSegments(id: string, count: number): Promise<SegmentWire[]> {
    const query = { order: 'desc', state: 'ready', limit: String(count) } as never;
    return (await bodyOf(this.http.GET('/api/streams/{id}/segments', { params: { path: { id }, query } }))).items;
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

  /** Of all streams, those that repeat each other as one. */
  allEvents(query: Query<'listAllEvents'>): Promise<Page<EventGroupWire>> {
    return bodyOf(this.http.GET('/api/events', { params: { query } }));
  }
  async reviewEvents(ids: readonly string[], reviewed: boolean): Promise<void> {
    await this.http.POST('/api/events/review', { body: { ids: [...ids], reviewed } });
  }
  search(query: Query<'search'>): Promise<SearchWire> {
    return bodyOf(this.http.GET('/api/search', { params: { query } }));
  }
  createCase(body: Body<'createCase'>): Promise<CaseWire> {
    return bodyOf(this.http.POST('/api/cases', { body }));
  }
  case(id: string): Promise<CaseWire> {
    return bodyOf(this.http.GET('/api/cases/{id}', { params: { path: { id } } }));
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
  createShare(body: Body<'createShare'>): Promise<NewShareWire> {
    return bodyOf(this.http.POST('/api/shares', { body }));
  }

  quoteBackfill(body: Body<'quoteBackfill'>): Promise<BackfillQuoteWire> {
    return bodyOf(this.http.POST('/api/backfills/quote', { body }));
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
  /** When brands were last seen; those that never were are left out. */
  async brandSightings(): Promise<BrandSightingWire[]> {
    return (await bodyOf(this.http.GET('/api/brand-sightings'))).items;
  }
  /** Looks for an image in recorded media, or for the icon that the query names; nothing of it is kept. */
  tryReference(image: Blob | null, query: Query<'tryReference'>): Promise<BrandTrialWire> {
    return bodyOf(
      this.http.POST('/api/brands/try', {
        params: { query },
        headers: { 'content-type': image?.type || 'application/octet-stream' },
        body: (image ?? '') as never,
        bodySerializer: () => image ?? '',
      }),
    );
  }

  /** What brands got out of several streams together. */
  exposure(query: Query<'getStreamsExposure'>): Promise<StreamsExposureWire> {
    return bodyOf(this.http.GET('/api/exposure', { params: { query } }));
  }

  about(): Promise<AboutWire> {
    return bodyOf(this.http.GET('/api/system/about'));
  }
  async licences(): Promise<LicenceWire[]> {
    return (await bodyOf(this.http.GET('/api/system/licences'))).items;
  }
  logs(): Promise<RoleLogsWire> {
    return bodyOf(this.http.GET('/api/system/logs'));
  }
  /** The last entries of a role's log, the newest last. */
  async log(name: string, query: Query<'readLog'>): Promise<LogEntryWire[]> {
    return (await bodyOf(this.http.GET('/api/system/logs/{name}', { params: { path: { name }, query } }))).entries;
  }
  audit(query: Query<'listAudit'>): Promise<Page<AuditEntryWire>> {
    return bodyOf(this.http.GET('/api/audit', { params: { query } }));
  }
  /** Everything that is put on record, by name. */
  async auditActions(): Promise<string[]> {
    return (await bodyOf(this.http.GET('/api/audit/actions'))).items;
  }
  retention(): Promise<RetentionWire> {
    return bodyOf(this.http.GET('/api/retention'));
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

  async queueReports(): Promise<QueueReportWire[]> {
    return (await bodyOf(this.http.GET('/api/queues/reports'))).items;
  }
  /** @param change `pause` or `resume` */
  changeQueue(name: string, change: 'pause' | 'resume'): Promise<QueueReportWire> {
    const path = `/api/queues/{name}/${change}` as '/api/queues/{name}/pause';
    return bodyOf(this.http.POST(path, { params: { path: { name } } }));
  }
  queueRuns(name: string, query: Query<'listQueueRuns'>): Promise<Page<QueueRunWire>> {
    return bodyOf(this.http.GET('/api/queues/{name}/runs', { params: { path: { name }, query } }));
  }
  retryRun(id: string): Promise<RetriedRunsWire> {
    return bodyOf(this.http.POST('/api/runs/{id}/retry', { params: { path: { id } } }));
  }
  retryRuns(name: string, body: Body<'retryQueueRuns'>): Promise<RetriedRunsWire> {
    return bodyOf(this.http.POST('/api/queues/{name}/retry', { params: { path: { name } }, body }));
  }
  async cancelRuns(name: string): Promise<{ readonly cancelled: number; readonly more: boolean }> {
    return bodyOf(this.http.POST('/api/queues/{name}/cancel', { params: { path: { name } }, body: {} }));
  }
  /** @param upToRunId null: all failures are told again */
  markFailuresSeen(name: string, upToRunId: string | null): Promise<QueueReportWire> {
    const params = { path: { name } };
    return upToRunId === null
      ? bodyOf(this.http.DELETE('/api/queues/{name}/failures/seen', { params }))
      : bodyOf(this.http.POST('/api/queues/{name}/failures/seen', { params, body: { upToRunId } }));
  }
  async backfills(): Promise<BackfillWire[]> {
    return (await bodyOf(this.http.GET('/api/backfills', { params: { query: {} } }))).items;
  }
  backfill(id: string): Promise<BackfillWire> {
    return bodyOf(this.http.GET('/api/backfills/{id}', { params: { path: { id } } }));
  }
  backfillDiff(id: string): Promise<BackfillDiffWire> {
    return bodyOf(this.http.GET('/api/backfills/{id}/diff', { params: { path: { id }, query: {} } }));
  }
  createBackfill(body: Body<'createBackfill'>): Promise<BackfillWire> {
    return bodyOf(this.http.POST('/api/backfills', { body }));
  }
  changeBackfill(id: string, change: 'pause' | 'resume' | 'cancel' | 'apply' | 'discard'): Promise<BackfillWire> {
    const path = `/api/backfills/{id}/${change}` as '/api/backfills/{id}/pause';
    return bodyOf(this.http.POST(path, { params: { path: { id } } }));
  }
  async removeBackfill(id: string): Promise<void> {
    await this.http.DELETE('/api/backfills/{id}', { params: { path: { id } } });
  }
  async clips(): Promise<ClipWire[]> {
    return (await bodyOf(this.http.GET('/api/clips', { params: { query: {} } }))).items;
  }
  cancelClip(id: string): Promise<ClipWire> {
    return bodyOf(this.http.POST('/api/clips/{id}/cancel', { params: { path: { id } } }));
  }
  async removeClip(id: string): Promise<void> {
    await this.http.DELETE('/api/clips/{id}', { params: { path: { id } } });
  }
  async imports(streamId: string): Promise<ImportWire[]> {
    return (await bodyOf(this.http.GET('/api/streams/{id}/imports', { params: { path: { id: streamId }, query: {} } }))).items;
  }
  async changeImport(streamId: string, importId: string, change: 'pause' | 'resume' | 'cancel'): Promise<void> {
    const path = `/api/streams/{id}/imports/{importId}/${change}` as '/api/streams/{id}/imports/{importId}/pause';
    await this.http.POST(path, { params: { path: { id: streamId, importId } } });
  }
  async removeImport(streamId: string, importId: string): Promise<void> {
    await this.http.DELETE('/api/streams/{id}/imports/{importId}', { params: { path: { id: streamId, importId } } });
  }

  async installedPlugins(): Promise<InstalledPluginWire[]> {
    return (await bodyOf(this.http.GET('/api/plugins/installed'))).items;
  }
  plugin(id: string): Promise<PluginDetailWire> {
    return bodyOf(this.http.GET('/api/plugins/{id}', { params: { path: { id } } }));
  }
  /** @param revision the last change that `settings` were made from */
  setPlugin(id: string, settings: PluginSettings, revision: string | null): Promise<PluginDetailWire> {
    return bodyOf(this.http.PUT('/api/plugins/{id}/settings', { params: { path: { id } }, body: { settings, revision } }));
  }
  async pluginChanges(id: string): Promise<PluginSettingsChangeWire[]> {
    return (await bodyOf(this.http.GET('/api/plugins/{id}/changes', { params: { path: { id }, query: {} } }))).items;
  }
  restorePlugin(id: string, change: string, revision: string | null): Promise<PluginDetailWire> {
    const params = { path: { id, revision: change } };
    return bodyOf(this.http.POST('/api/plugins/{id}/changes/{revision}/restore', { params, body: { revision } }));
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
