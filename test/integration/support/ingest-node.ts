import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { FailureLimit, type EpochHandle, type PublishGrant, type SourceAdapterDefinition } from 'vedette/plugin';
import { FileSource, fileSource } from '../../../src/adapters/file/file-source.js';
import { webcamSource } from '../../../src/adapters/webcam/webcam-source.js';
import type { ContainerChoice } from '../../../src/core/media/mux/segment-muxer-for.js';
import { PackagerByInput } from '../../../src/core/media/packaging/packager-by-input.js';
import { SegmentWatcher } from '../../../src/core/media/watcher/segment-watcher.js';
import { ledgerDataSourceOptions } from '../../../src/core/persistence/data-source.js';
import { FeedBell } from '../../../src/core/persistence/notify/feed-bell.js';
import { EpochEvents } from '../../../src/core/persistence/ledger/epoch-events.js';
import { PgIngestLedger } from '../../../src/core/persistence/ledger/pg-ingest-ledger.js';
import { AuditLog } from '../../../src/core/persistence/access/audit-log.js';
import { PublishRefusals } from '../../../src/core/persistence/access/publish-refusals.js';
import { RefusalRecord } from '../../../src/core/persistence/access/refusal-record.js';
import { ImportStore } from '../../../src/core/persistence/imports/import-store.js';
import { StreamRetentions } from '../../../src/core/persistence/retention/stream-retention.js';
import { StreamImportDesk } from '../../../src/core/streams/imports/import-desk.js';
import { FILE_READER_FROM_SOURCE } from '../../support/media/file-reader-launch.js';
import { PgStreamStore } from '../../../src/core/persistence/streams/pg-stream-store.js';
import { PartsAnnouncer } from '../../../src/core/persistence/notify/parts-announcer.js';
import { StreamChanges } from '../../../src/core/persistence/notify/stream-changes.js';
import { PgStreamOwners } from '../../../src/core/persistence/ownership/pg-stream-owners.js';
import { Database } from '../../../src/core/persistence/database.js';
import type { LoadedConfig } from '../../../src/core/config/load-config.js';
import { vedetteConfigSchema } from '../../../src/core/config/schema.js';
import { DeclaredStreams } from '../../../src/core/streams/declared-streams.js';
import { EpochOpener } from '../../../src/core/streams/epoch-opener.js';
import type { RecordingGuard } from '../../../src/core/media/recording-guard.js';
import { ingestIdentity } from '../../../src/core/media/media-folder-identity.js';
import { IngestRole } from '../../../src/core/streams/ingest-role.js';
import { StreamPublishGate } from '../../../src/core/streams/publish-gate.js';
import { RefusedPublishers } from '../../../src/core/streams/refused-publishers.js';
import { SourceSupervisor } from '../../../src/core/streams/source-supervisor.js';
import { StreamOwnership } from '../../../src/core/streams/stream-ownership.js';
import { DEFAULT_SOURCE_TIMINGS } from '../../../src/core/streams/supervised-source.js';
import { StreamStates } from '../../../src/core/streams/stream-states.js';
import { FakeJobBell } from '../../support/fakes/fake-job-bell.js';
import { FakePluginRegistry, sourceOf } from '../../support/fakes/fake-plugin-registry.js';
import { FakeAssignments } from '../../support/fakes/fake-assignments.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

/** Short enough to wait for, long enough for a busy machine to renew in time. */
export const TEST_LEASE = { leaseMs: 3000, renewMs: 500, holdMs: 1000 };

export interface TestNodeOptions {
  readonly databaseUrl: string;
  readonly name: string;
  /** One that was used before: the same node. */
  readonly mediaDir?: string;
  readonly sources?: readonly SourceAdapterDefinition[];
  /** Whether there is room to record; absent: nobody asks. */
  readonly guard?: RecordingGuard;
  /** As `packaging.lowLatency`. */
  readonly isLowLatency?: boolean;
  /** As `packaging.segmentDuration`; absent: 1 s. */
  readonly segmentDurationMs?: number;
  /** As `packaging.container`; absent: `auto`. */
  readonly container?: ContainerChoice;
  /** Of which it takes `streams`. */
  readonly config?: LoadedConfig;
  /** Where uploaded files lie: it takes imports. */
  readonly importsFrom?: string;
}

/** One ingest node as its own process would be: its own media folder, connections and clock; the database is shared. */
export class TestIngestNode {
  displaced: Error | undefined;

  private constructor(
    readonly name: string,
    readonly id: string,
    readonly mediaDir: string,
    /** Between it and the database. */
    readonly wire: TcpProxy,
    readonly ownership: StreamOwnership,
    readonly gate: StreamPublishGate,
    readonly opener: EpochOpener,
    readonly logger: SilentLogger,
    private readonly parts: { source: DataSource; changes: StreamChanges; announcer: PartsAnnouncer; bell: FeedBell; role?: IngestRole },
  ) {}

  /** @throws VD_INGEST_NODE_TAKEN */
  static async start({ databaseUrl, name, sources = [webcamSource], ...options }: TestNodeOptions): Promise<TestIngestNode> {
    const mediaDir = options.mediaDir ?? (await mkdtemp(join(tmpdir(), 'vd-node-')));
    const id = await ingestIdentity(mediaDir);
    const url = new URL(databaseUrl);
    const wire = await TcpProxy.to(url.hostname, Number(url.port));
    url.host = `127.0.0.1:${wire.port}`;
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: url.href, poolSize: 5 })).initialize();
    const sql = new Database(source);
    const bell = new FeedBell(sql);
    const changes = new StreamChanges(sql, url.href);
    const announcer = new PartsAnnouncer(sql, url.href);
    const ledger = new PgIngestLedger(sql, bell, new EpochEvents(sql, bell));
    const store = new PgStreamStore(sql, bell, changes);
    const imports = new ImportStore(sql);
    const owners = new PgStreamOwners(sql, bell, url.href);
    const logger = new SilentLogger();
    const ownership = new StreamOwnership(owners, { id, name }, TEST_LEASE, () => performance.now(), logger);
    const watcher = new SegmentWatcher(
      { mediaDir, reconcileIntervalMs: 500, ingestId: id },
      ledger,
      new FakeJobBell(),
      new FakeAssignments(),
      store,
      logger,
      imports,
    );
    const { segmentDurationMs = 1000, isLowLatency = false, container = 'auto' } = options;
    const packager = new PackagerByInput({ isSynced: false, container, segmentDurationMs, liveWindowSegments: 6 }, logger);
    const limits = { silenceTimeoutMs: 3000, segmentDurationMs: 2000 };
    const opener = new EpochOpener({ mediaDir, limits, isLowLatency }, packager, watcher, logger, options.guard, announcer, ledger);
    const states = new StreamStates(store, ownership.node, logger);
    const failures = new FailureLimit({ burst: 10, refillMs: 6_000 });
    const refused = new RefusedPublishers(new PublishRefusals(sql, bell), new RefusalRecord(new AuditLog(sql)), logger);
    const gate = new StreamPublishGate(store, ownership, states, failures, refused, () => opener, logger);
    const registry = new FakePluginRegistry({ sources: [...sources, ...fileSources(options.importsFrom, sql, logger)].map(sourceOf) });
    const timings = { ...DEFAULT_SOURCE_TIMINGS, firstRetryMs: 50, maxRetryMs: 200 };
    const supervisor = new SourceSupervisor(registry, store, ledger, owners, ownership, opener, states, timings, logger);
    const node = new TestIngestNode(name, id, mediaDir, wire, ownership, gate, opener, logger, { source, changes, announcer, bell });
    const role = new IngestRole(
      { mediaDir, reconcileIntervalMs: 1000, displaced: (error) => (node.displaced = error) },
      store,
      ledger,
      ownership,
      watcher,
      opener,
      gate,
      supervisor,
      states,
      new DeclaredStreams(
        store,
        new AuditLog(sql),
        options.config ?? { config: vedetteConfigSchema.parse({}), file: null, baseDir: '.' },
        ownership.node,
        logger,
      ),
      logger,
    );
    node.parts.role = role;
    try {
      await role.start();
    } catch (error) {
      await node.letGo();
      throw error;
    }
    return node;
  }

  /** Publishes a whole FLV file, and leaves the epoch open. */
  async publish(key: string, flv: Buffer): Promise<EpochHandle> {
    const grant = (await this.gate.authorise(key, '192.0.2.1:5000')) as PublishGrant;
    const epoch = await grant.context.openEpoch({ startedAtMs: Date.now(), input: { kind: 'flv' } });
    for (let at = 0; at < flv.length; at += 16_384) if (!epoch.write(flv.subarray(at, at + 16_384))) await epoch.drained();
    return epoch;
  }

  /** Publishes what an encoder writes as FLV, in its own time, until it ends. */
  async publishLive(key: string, encoder: Readable): Promise<EpochHandle> {
    const grant = (await this.gate.authorise(key, '192.0.2.1:5000')) as PublishGrant;
    const epoch = await grant.context.openEpoch({ startedAtMs: Date.now(), input: { kind: 'flv' } });
    encoder.on('data', (chunk: Buffer) => epoch.write(chunk));
    return epoch;
  }

  /** Takes it out of the world: nothing that it writes from now on reaches the database. Its media folder stays as it is. */
  async kill(): Promise<void> {
    this.wire.cut();
    await this.parts.role?.stop();
    await this.letGo();
  }

  /** Ends it in good order; its media folder stays. */
  async halt(): Promise<void> {
    await this.parts.role?.stop();
    await this.letGo();
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.mediaDir, { recursive: true, force: true });
  }

  private async letGo(): Promise<void> {
    const { source, changes, announcer, bell } = this.parts;
    bell.close();
    await changes.close();
    await announcer.close();
    await source.destroy().catch(() => undefined);
    await this.wire.close();
  }
}

function fileSources(folder: string | undefined, sql: Database, logger: SilentLogger): SourceAdapterDefinition[] {
  if (folder === undefined) return [];
  const config = vedetteConfigSchema.parse({ imports: { folder } });
  const desk = new StreamImportDesk(new ImportStore(sql), new StreamRetentions(sql), config, FILE_READER_FROM_SOURCE, logger);
  return [{ ...fileSource, create: () => new FileSource(desk) }];
}
