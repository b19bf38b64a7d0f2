import type { StreamAssignment } from '../../../src/core/plugin-host/stream-assignments.js';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Abstract, DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../../../src/core/config/config.module.js';
import { type VedetteConfig, type VedetteConfigInput, vedetteConfigSchema } from '../../../src/core/config/schema.js';
import { MediaStoreModule } from '../../../src/core/media/store/media-store.module.js';
import { createLogger } from '../../../src/core/observability/logger.js';
import { ObservabilityModule } from '../../../src/core/observability/observability.module.js';
import { IngestLedger, JobBell, type PendingJob, type ProbedSegment } from '../../../src/core/persistence/ledger/ingest-ledger.js';
import { StreamStore } from '../../../src/core/persistence/streams/stream-store.js';
import { PersistenceModule } from '../../../src/core/persistence/persistence.module.js';
import { WorkerModule } from '../../../src/core/pipeline/worker.module.js';
import { PluginRegistry } from '../../../src/core/plugin-host/plugin-registry.js';
import { QueueModule } from '../../../src/core/queue/queue.module.js';
import { ingestIdentity } from '../../../src/core/media/media-folder-identity.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { assignmentsOf, pipelineRegistry } from './pipeline-registry.js';
import type { FakeStrategy } from '../../support/fakes/fake-strategy.js';

export const SEGMENT_US = 2_000_000;

export interface HarnessOptions {
  readonly config?: VedetteConfigInput;
  readonly redisUrl?: string;
}

/** The analysis side against real PostgreSQL (and Redis), with streams made of nothing and a strategy under the test's control. */
export class PipelineHarness {
  private readonly apps: INestApplicationContext[] = [];
  private producer!: INestApplicationContext;

  private constructor(
    readonly database: TestDatabase,
    readonly mediaDir: string,
    private readonly options: HarnessOptions,
  ) {}

  static async start(options: HarnessOptions = {}): Promise<PipelineHarness> {
    const harness = new PipelineHarness(await createTestDatabase(), await mkdtemp(join(tmpdir(), 'vedette-media-')), options);
    harness.producer = await harness.app(pipelineRegistry(), [PersistenceModule, QueueModule]);
    return harness;
  }

  get ledger(): IngestLedger {
    return this.producer.get(IngestLedger, { strict: false });
  }
  get bell(): JobBell {
    return this.producer.get(JobBell, { strict: false });
  }
  get streams(): StreamStore {
    return this.producer.get(StreamStore, { strict: false });
  }
  /** Any provider of the side that registers segments. */
  get<T>(token: Abstract<T>): T {
    return this.producer.get<T>(token, { strict: false });
  }

  async rows<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    return this.producer.get(DataSource, { strict: false }).query<T[]>(sql, values);
  }

  /** Kinds of what the feed tells of a stream, in its order. */
  async feedOf(streamId: string): Promise<string[]> {
    const told = await this.rows<{ kind: string }>('SELECT kind FROM feed WHERE stream_id = $1 ORDER BY xid, id', [streamId]);
    return told.map(({ kind }) => kind);
  }

  /**
   * A worker process' modules, in this process.
   * @param databaseUrl its way to the database, where that is not everybody's
   */
  async worker(
    strategy: FakeStrategy,
    registry: PluginRegistry = pipelineRegistry(strategy),
    queues?: readonly string[],
    databaseUrl?: string,
  ): Promise<INestApplicationContext> {
    return this.app(registry, [WorkerModule.forRole(queues === undefined ? {} : { queues })], databaseUrl);
  }

  async stopWorker(app: INestApplicationContext): Promise<void> {
    this.apps.splice(this.apps.indexOf(app), 1);
    await app.close();
  }

  async openStream(name = `s${randomUUID().slice(0, 8)}`, startedAtMs = Date.now(), adapterId = 'test'): Promise<TestStream> {
    const stream = await this.streams.create({ name, title: name, adapterId });
    const epochId = randomUUID();
    await this.ledger.openEpoch({ streamId: stream.id, epochId, startedAtMs, ingestId: await ingestIdentity(this.mediaDir) });
    await this.ledger.setEpochMedia(epochId, { videoCodec: 'h264', audioCodec: null, widthPx: 1280, heightPx: 720, ptsOriginUs: 0 });
    return { streamId: stream.id, name, epochId };
  }

  /** Registers segments `from`..`to - 1` with their files, and does not ring. */
  async register(
    stream: TestStream,
    from: number,
    to: number,
    routes: readonly StreamAssignment[] = assignmentsOf(),
    hasFiles = true,
  ): Promise<PendingJob[]> {
    const segments = Array.from({ length: to - from }, (_, index) => probed(stream, from + index));
    for (const { path } of hasFiles ? segments : []) {
      const file = join(this.mediaDir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, 'x');
    }
    return this.ledger.registerSegments(stream.epochId, segments, routes);
  }

  async registerAndRing(stream: TestStream, from: number, to: number, routes?: readonly StreamAssignment[]): Promise<PendingJob[]> {
    const jobs = await this.register(stream, from, to, routes);
    await this.bell.ring(jobs);
    return jobs;
  }

  /** Counts of runs by state (and reason). */
  async states(): Promise<Record<string, number>> {
    const rows = await this.rows<{ state: string; count: number }>(
      `SELECT state || COALESCE('(' || reason || ')', '') AS state, count(*)::int AS count FROM analysis_runs GROUP BY 1`,
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.count]));
  }

  async close(): Promise<void> {
    for (const app of this.apps.splice(0).reverse()) await app.close();
    await this.database.drop();
    await rm(this.mediaDir, { recursive: true, force: true });
  }

  private async app(
    registry: PluginRegistry,
    modules: readonly (DynamicModule | Type)[],
    databaseUrl = this.database.url,
  ): Promise<INestApplicationContext> {
    const config: VedetteConfig = vedetteConfigSchema.parse({
      ...this.options.config,
      mediaDir: this.mediaDir,
      database: { url: databaseUrl, poolSize: 5 },
      ...(this.options.redisUrl === undefined ? {} : { redis: { url: this.options.redisUrl } }),
    });
    const app = await NestFactory.createApplicationContext(
      {
        module: class TestRole {},
        imports: [
          ConfigModule.forRoot({ config, file: null, baseDir: this.mediaDir }),
          ObservabilityModule.forRole(
            createLogger({ role: 'test', level: process.env['VEDETTE_TEST_LOG'] === undefined ? 'error' : 'debug', format: 'pretty' }),
          ),
          {
            module: class TestPlugins {},
            global: true,
            providers: [{ provide: PluginRegistry, useValue: registry }],
            exports: [PluginRegistry],
          },
          MediaStoreModule,
          ...modules,
        ],
      },
      { logger: ['error', 'warn'], abortOnError: false },
    );
    this.apps.push(app);
    return app;
  }
}

export interface TestStream {
  readonly streamId: string;
  readonly name: string;
  readonly epochId: string;
}

export function probed(stream: TestStream, sequence: number, more: Partial<ProbedSegment> = {}): ProbedSegment {
  return {
    sequence,
    path: `${stream.streamId}/${stream.epochId}/${String(sequence).padStart(6, '0')}.ts`,
    sizeBytes: 1,
    state: 'ready',
    ptsStartUs: sequence * SEGMENT_US,
    ptsEndUs: (sequence + 1) * SEGMENT_US,
    frameCount: 60,
    keyframePtsUs: [sequence * SEGMENT_US],
    ...more,
  };
}
