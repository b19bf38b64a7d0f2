import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type pg from 'pg';
import { AUTH_CLOCK } from '../../src/core/api/auth/authenticator.js';
import { AdminBootstrap, ApiModule, configureApi } from '../../src/core/api/index.js';
import { QueueBell } from '../../src/core/queue/queue-bell.js';
import { TrialPool } from '../../src/core/analysis/trial-pool.js';
import { QueueFiguresSource } from '../../src/core/queue/queue-figures-source.js';
import { WEB_ROOT } from '../../src/core/api/spa/spa.js';
import type { SessionWire } from '../../src/core/wire/wire.js';
import { Confinement } from '../../src/core/children/confinement.js';
import { CHILD_CONFINEMENT } from '../../src/core/config/child-confinement.js';
import { VEDETTE_CONFIG, vedetteConfigSchema, type VedetteConfig, type VedetteConfigInput } from '../../src/core/config/schema.js';
import { LOGGER } from '../../src/core/observability/logger.js';
import { READER_LAUNCH } from '../../src/core/references/picture-reader.js';
import { createPool } from '../../src/core/persistence/pool.js';
import { PluginCatalogue } from '../../src/core/plugin-host/plugin-catalogue.js';
import { PluginRegistry } from '../../src/core/plugin-host/plugin-registry.js';
import { PlaylistWatch } from './media/hls-conformance.js';
import { READER_FROM_SOURCE } from './references/reader-launch.js';
import { TEST_NODE_ID } from './ledger-seed.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';
import { apiCatalogue } from './api-catalogue.js';
import { apiPlugins, type SaidOfAnalyzer } from './api-plugins.js';
import { SilentLogger } from './fakes/silent-logger.js';
import { FakeQueueFigures } from './fakes/fake-queue-figures.js';
import { FakeTrialPool } from './fakes/fake-trial-pool.js';

/** The real API on an ephemeral port over a fresh database; only plugins, queue figures and the hosts of trials are stand-ins. */
export class ApiApp {
  private readonly playlists = new PlaylistWatch();
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly database: TestDatabase,
    readonly sql: pg.Pool,
    readonly config: VedetteConfig,
    readonly queues: FakeQueueFigures,
    readonly analyzer: SaidOfAnalyzer,
    readonly trials: FakeTrialPool,
    readonly webRoot: string,
    private readonly folder: string,
  ) {}

  /**
   * @param through gives the address by which the API reaches its database, from the direct one
   * @param nowMs the clock of authentication
   */
  static async start(
    overrides: VedetteConfigInput = {},
    through: (databaseUrl: string) => string = (databaseUrl) => databaseUrl,
    nowMs: () => number = Date.now,
  ): Promise<ApiApp> {
    const database = await createTestDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'vedette-api-'));
    const webRoot = join(folder, 'web');
    mkdirSync(join(folder, 'media'));
    writeFileSync(join(folder, 'media', '.ingest-id'), TEST_NODE_ID);
    mkdirSync(webRoot);
    writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Vedette</title><vd-root></vd-root>');
    writeFileSync(join(webRoot, 'main-ABCD1234.js'), 'export {};');
    const config = vedetteConfigSchema.parse({
      dataDir: folder,
      mediaDir: join(folder, 'media'),
      ...overrides,
      // Tests come from this machine, as strangers do: nobody is taken for a proxy.
      api: { trustProxy: [], ...overrides.api },
      database: { url: through(database.url), poolSize: 5 },
    });
    const queues = new FakeQueueFigures();
    const analyzer: SaidOfAnalyzer = { labels: undefined };
    const trials = new FakeTrialPool();
    const module = await Test.createTestingModule({ imports: [standIns(config, queues, analyzer, trials), ApiModule] })
      .overrideProvider(WEB_ROOT)
      .useValue(webRoot)
      .overrideProvider(AUTH_CLOCK)
      .useValue(nowMs)
      .overrideProvider(READER_LAUNCH)
      .useValue(READER_FROM_SOURCE)
      .overrideProvider(QueueFiguresSource)
      .useValue(queues)
      .compile();
    const app = configureApi(module.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: ['fatal'] }));
    await app.listen(0, '127.0.0.1');
    return new ApiApp(
      app,
      (await app.getUrl()).replace('[::1]', '127.0.0.1'),
      database,
      createPool({ databaseUrl: database.url, size: 8, name: 'test', statementTimeoutMs: 30_000 }),
      config,
      queues,
      analyzer,
      trials,
      webRoot,
      folder,
    );
  }

  async stop(): Promise<void> {
    await this.sql.end();
    await this.app.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get admin(): AdminBootstrap {
    return this.app.get(AdminBootstrap);
  }

  /** Signs in with a fresh one-time token. @returns the cookie */
  async signIn(): Promise<string> {
    const { token } = await this.admin.issueOneTimeToken();
    const response = await this.call('POST', '/api/session', { body: { token } });
    if (response.status !== 200) throw new Error(`Sign-in: ${response.status} ${await response.text()}`);
    return cookieOf(response);
  }

  /** An API token of that role. */
  async apiToken(role: 'admin' | 'viewer'): Promise<{ id: string; token: string }> {
    const cookie = await this.signIn();
    const response = await this.call('POST', '/api/tokens', { cookie, body: { name: `test ${randomUUID()}`, role } });
    return (await response.json()) as { id: string; token: string };
  }

  async whoAmI(headers: Record<string, string>): Promise<SessionWire> {
    return (await (await this.call('GET', '/api/session', { headers })).json()) as SessionWire;
  }

  async call(
    method: string,
    path: string,
    options: { cookie?: string; bearer?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(options.cookie === undefined ? {} : { cookie: options.cookie, origin: this.url }),
        ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      redirect: 'manual',
      ...(options.body === undefined ? {} : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
    });
    if (response.ok && path.endsWith('.m3u8')) this.playlists.fetched(path, await response.clone().text());
    return response;
  }
}

export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

function standIns(config: VedetteConfig, queues: FakeQueueFigures, analyzer: SaidOfAnalyzer, trials: FakeTrialPool): DynamicModule {
  @Module({})
  class StandIns {}
  const tokens = [
    { provide: VEDETTE_CONFIG, useValue: config },
    { provide: PluginRegistry, useValue: apiPlugins(analyzer) },
    { provide: PluginCatalogue, useValue: apiCatalogue(config) },
    { provide: QueueFiguresSource, useValue: queues },
    { provide: QueueBell, useValue: queues },
    { provide: LOGGER, useValue: new SilentLogger() },
    { provide: TrialPool, useValue: trials },
    { provide: CHILD_CONFINEMENT, useValue: () => Promise.resolve(Confinement.NONE) },
  ];
  return { module: StandIns, global: true, providers: tokens, exports: tokens.map((token) => token.provide) };
}
