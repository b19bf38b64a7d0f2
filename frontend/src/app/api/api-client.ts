import type {
  BrandIconWire,
  BrandWire,
  CapacityWire,
  CurrentSessionWire,
  NewStreamKeyWire,
  NewStreamWire,
  Page,
  PluginWire,
  ProblemWire,
  QueueWire,
  ReferenceWire,
  SessionWire,
  ShadowWire,
  StrategyWire,
  StreamCollections,
  StreamDetailWire,
  StreamWire,
  SystemWire,
} from './models';

/** A refused or impossible request: the server's problem document, or one of our own when it could not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(readonly problem: ProblemWire) {
    super(problem.detail || problem.title);
  }
  get status(): number {
    return this.problem.status;
  }
}

export type CollectionQuery = {
  epochId?: string;
  fromPtsUs?: number;
  toPtsUs?: number;
  /** ISO 8601. */
  from?: string;
  to?: string;
  name?: string;
  limit?: number;
  after?: string;
};

type FetchLike = (input: string, init?: RequestInit) => Promise<Response>;

const local = (title: string, detail: string, code: string, status: number, fix: string): ProblemWire => ({
  type: 'about:blank',
  title,
  detail,
  code,
  status,
  fix,
});

/** REST, typed. Every method rejects with {@link ApiError}; `onUnauthorised` hears of each 401. */
export class ApiClient {
  onUnauthorised: (() => void) | null = null;

  constructor(
    private readonly fetchFn: FetchLike = (input, init) => fetch(input, init),
    private readonly base = '/api',
  ) {}

  session(): Promise<CurrentSessionWire> {
    return this.send('GET', '/session');
  }
  signIn(token: string): Promise<SessionWire> {
    return this.send('POST', '/session', { token });
  }
  signOut(): Promise<void> {
    return this.send('DELETE', '/session');
  }

  async streams(): Promise<StreamWire[]> {
    return this.list<StreamWire>('/streams');
  }
  createStream(body: { name: string; title: string; adapterId: string; sourceConfig?: Record<string, unknown> }): Promise<NewStreamWire> {
    return this.send('POST', '/streams', body);
  }
  updateStream(streamId: string, patch: { title?: string; enabled?: boolean }): Promise<StreamDetailWire> {
    return this.send('PATCH', `/streams/${encodeURIComponent(streamId)}`, patch);
  }
  removeStream(streamId: string): Promise<void> {
    return this.send('DELETE', `/streams/${encodeURIComponent(streamId)}`);
  }
  createKey(streamId: string): Promise<NewStreamKeyWire> {
    return this.send('POST', `/streams/${encodeURIComponent(streamId)}/keys`, {});
  }
  page<K extends keyof StreamCollections>(streamId: string, collection: K, query: CollectionQuery): Promise<Page<StreamCollections[K]>> {
    return this.send('GET', `/streams/${encodeURIComponent(streamId)}/${collection}${search(query)}`);
  }

  /** Follows `next` until the end or `maxPages`, oldest page first. */
  async pages<K extends keyof StreamCollections>(
    streamId: string,
    collection: K,
    query: CollectionQuery,
    maxPages: number,
  ): Promise<StreamCollections[K][]> {
    const items: StreamCollections[K][] = [];
    let after = query.after;
    for (let n = 0; n < maxPages; n++) {
      const page = await this.page(streamId, collection, after === undefined ? query : { ...query, after });
      items.push(...page.items);
      if (page.next === null) break;
      after = page.next;
    }
    return items;
  }

  async brands(): Promise<BrandWire[]> {
    return this.list<BrandWire>('/brands');
  }
  brand(brandId: string): Promise<BrandWire> {
    return this.send('GET', `/brands/${encodeURIComponent(brandId)}`);
  }
  createBrand(body: { name?: string; icon?: string; allowDuplicate?: boolean }): Promise<BrandWire> {
    return this.send('POST', '/brands', body);
  }
  updateBrand(brandId: string, patch: { name?: string; enabled?: boolean }): Promise<BrandWire> {
    return this.send('PATCH', `/brands/${encodeURIComponent(brandId)}`, patch);
  }
  removeBrand(brandId: string): Promise<void> {
    return this.send('DELETE', `/brands/${encodeURIComponent(brandId)}`);
  }
  restoreBrand(brandId: string): Promise<BrandWire> {
    return this.send('POST', `/brands/${encodeURIComponent(brandId)}/restore`);
  }
  async brandIcons(query: string): Promise<BrandIconWire[]> {
    const page: Page<BrandIconWire> = await this.send('GET', `/brand-icons${search({ query })}`);
    return page.items;
  }
  /** Sends the image as it is: the server reads what it is from its content. */
  addReference(brandId: string, image: Blob, options: { variant?: string; allowDuplicate?: boolean } = {}): Promise<ReferenceWire> {
    return this.send('POST', `/brands/${encodeURIComponent(brandId)}/references${search(options)}`, image);
  }
  removeReference(brandId: string, referenceId: string): Promise<void> {
    return this.send('DELETE', `/brands/${encodeURIComponent(brandId)}/references/${encodeURIComponent(referenceId)}`);
  }
  restoreReference(brandId: string, referenceId: string): Promise<ReferenceWire> {
    return this.send('POST', `/brands/${encodeURIComponent(brandId)}/references/${encodeURIComponent(referenceId)}/restore`);
  }

  async queues(): Promise<QueueWire[]> {
    return this.list<QueueWire>('/queues');
  }
  async plugins(): Promise<PluginWire[]> {
    return this.list<PluginWire>('/plugins');
  }
  system(): Promise<SystemWire> {
    return this.send('GET', '/system');
  }
  async strategies(): Promise<StrategyWire[]> {
    return this.list<StrategyWire>('/strategies');
  }
  /** @param window hours or days, such as `24h` */
  async shadows(window: string): Promise<ShadowWire[]> {
    const page: Page<ShadowWire> = await this.send('GET', `/strategies/shadow${search({ window })}`);
    return page.items;
  }
  capacity(): Promise<CapacityWire> {
    return this.send('GET', '/capacity');
  }

  /** A whole list, whether it is served bare or in pages. */
  private async list<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let after: string | null = null;
    do {
      const answer: T[] | Page<T> = await this.send('GET', after === null ? path : `${path}${search({ after })}`);
      if (Array.isArray(answer)) return answer;
      items.push(...answer.items);
      after = answer.next;
    } while (after !== null);
    return items;
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
      response = await this.fetchFn(this.base + path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        headers: { accept: 'application/json', ...contentType(body) },
        ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new ApiError(
        local(
          'Vedette does not answer',
          cause instanceof Error ? cause.message : String(cause),
          'UNREACHABLE',
          0,
          'Check that Vedette is running and that this machine reaches it.',
        ),
      );
    }
    if (response.status === 401) this.onUnauthorised?.();
    if (!response.ok) throw new ApiError(await problemOf(response));
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
}

async function problemOf(response: Response): Promise<ProblemWire> {
  const text = await response.text().catch(() => '');
  try {
    const parsed = JSON.parse(text) as Partial<ProblemWire>;
    if (typeof parsed.code === 'string' && typeof parsed.title === 'string') return parsed as ProblemWire;
  } catch {
    // Not JSON: a proxy answered in Vedette's place.
  }
  return local(
    response.status >= 500 ? 'Vedette is not available' : 'The request was refused',
    `The server answered ${response.status} ${response.statusText}`.trim(),
    `HTTP_${response.status}`,
    response.status,
    response.status >= 500 ? 'Look at the log of the api role, or of the proxy in front of it.' : 'Reload the page and try again.',
  );
}

function contentType(body: unknown): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': body instanceof Blob ? body.type || 'application/octet-stream' : 'application/json' };
}

function search(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** What to show of anything that was thrown. */
export function problemFrom(error: unknown): ProblemWire {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return local('Something went wrong on this page', detail, 'PAGE', 0, 'Reload the page; if it happens again, report it with this text.');
}
