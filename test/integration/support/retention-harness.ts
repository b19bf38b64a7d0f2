import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { type RetentionConfig, retentionConfig } from '../../../src/core/config/retention-config.js';
import { checksumOf } from '../../../src/core/media/checksum.js';
import { ingestIdentity } from '../../../src/core/media/media-folder-identity.js';
import { Database } from '../../../src/core/persistence/database.js';
import { ledgerDataSourceOptions } from '../../../src/core/persistence/data-source.js';
import { EpochEvents } from '../../../src/core/persistence/ledger/epoch-events.js';
import { PgIngestLedger } from '../../../src/core/persistence/ledger/pg-ingest-ledger.js';
import { FeedBell } from '../../../src/core/persistence/notify/feed-bell.js';
import { StreamChanges } from '../../../src/core/persistence/notify/stream-changes.js';
import { PartitionKeeper } from '../../../src/core/persistence/partition-keeper.js';
import { HoldStore } from '../../../src/core/persistence/retention/hold-store.js';
import { Keepers } from '../../../src/core/persistence/retention/keepers.js';
import { MediaInventory } from '../../../src/core/persistence/retention/media-inventory.js';
import { MediaPurge } from '../../../src/core/persistence/retention/media-purge.js';
import { OldRows } from '../../../src/core/persistence/retention/old-rows.js';
import { ResultDays } from '../../../src/core/persistence/retention/result-days.js';
import { SegmentScanStore } from '../../../src/core/persistence/retention/segment-scan-store.js';
import { StreamRetentions } from '../../../src/core/persistence/retention/stream-retention.js';
import { PgStreamStore } from '../../../src/core/persistence/streams/pg-stream-store.js';
import { PlaylistReads } from '../../../src/core/persistence/read/playlist-reads.js';
import type { DiskSpace } from '../../../src/core/media/store/free-space.js';
import { LedgerKeeper } from '../../../src/core/retention/ledger-keeper.js';
import { MediaKeeper } from '../../../src/core/retention/media-keeper.js';
import { SegmentScan } from '../../../src/core/retention/segment-scan.js';
import { COMMAND_LINE } from '../../../src/core/audit/actor.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const LOOK = { queue: 'default', analyzerId: 'look', analyzerVersion: '1.0.0', configHash: 'h' } as const;
export const SEGMENT_MS = 2_000;

export interface RecordedEpoch {
  readonly streamId: string;
  readonly epochId: string;
  /** Segments so far. */
  count: number;
}

/** Recordings made of nothing but files and rows, and what keeps house over them, with a clock and a disk of the test's. */
export class RetentionHarness {
  readonly logger = new SilentLogger();
  readonly sql: Database;
  readonly ledger: PgIngestLedger;
  readonly streams: PgStreamStore;
  readonly inventory: MediaInventory;
  readonly purge: MediaPurge;
  readonly days: ResultDays;
  readonly rows: OldRows;
  readonly holds: HoldStore;
  readonly retentions: StreamRetentions;
  readonly scans: SegmentScanStore;
  readonly keepers: Keepers;
  readonly playlists: PlaylistReads;
  readonly partitions: PartitionKeeper;
  /** The clock of who keeps house. */
  nowMs = Date.now();
  /** The disk as it is told; undefined: the real one. */
  space: DiskSpace | undefined = { freeBytes: 10e9, totalBytes: 20e9 };
  readonly by = COMMAND_LINE;

  private constructor(
    readonly database: TestDatabase,
    readonly mediaDir: string,
    readonly nodeId: string,
    private readonly source: DataSource,
    private readonly changes: StreamChanges,
    private readonly bell: FeedBell,
  ) {
    const sql = (this.sql = new Database(source));
    this.ledger = new PgIngestLedger(sql, bell, new EpochEvents(sql, bell));
    this.streams = new PgStreamStore(sql, bell, changes);
    this.partitions = new PartitionKeeper(sql);
    this.inventory = new MediaInventory(sql);
    this.purge = new MediaPurge(sql, bell);
    this.days = new ResultDays(sql, this.partitions);
    this.rows = new OldRows(sql);
    this.holds = new HoldStore(sql);
    this.retentions = new StreamRetentions(sql);
    this.scans = new SegmentScanStore(sql, bell);
    this.keepers = new Keepers(sql);
    this.playlists = new PlaylistReads(sql);
  }

  /** @param mediaDir a folder of the test's, which stays */
  static async start(mediaDir?: string, database?: TestDatabase): Promise<RetentionHarness> {
    const made = database ?? (await createTestDatabase());
    const folder = mediaDir ?? (await mkdtemp(join(tmpdir(), 'vedette-retention-')));
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: made.url, poolSize: 5 })).initialize();
    const sql = new Database(source);
    return new RetentionHarness(made, folder, await ingestIdentity(folder), source, new StreamChanges(sql, made.url), new FeedBell(sql));
  }

  async close(): Promise<void> {
    this.bell.close();
    await this.changes.close();
    await this.source.destroy();
    await this.database.drop();
    await rm(this.mediaDir, { recursive: true, force: true });
  }

  query<T>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.sql.query<T>(text, values);
  }

  /** Nothing recorded, nothing kept. */
  async clear(): Promise<void> {
    await this
      .query(`TRUNCATE streams, epochs, segments, gaps, analysis_runs, lanes, events, feed, holds, stream_retention, keepers, purged,
      disk_samples, analyzer_checkpoints CASCADE`);
    for (const name of await readdir(this.mediaDir)) {
      if (name.length === 36 || name === '.open') await rm(join(this.mediaDir, name), { recursive: true, force: true });
    }
    this.logger.lines.length = 0;
  }

  async stream(name = `s${randomUUID().slice(0, 8)}`): Promise<string> {
    return (await this.streams.create({ name, title: name, adapterId: 'test' })).id;
  }

  async epoch(streamId: string, startedAtMs: number): Promise<RecordedEpoch> {
    const epochId = randomUUID();
    await this.ledger.openEpoch({ streamId, epochId, startedAtMs, ingestId: this.nodeId });
    await this.ledger.setEpochMedia(epochId, { videoCodec: 'h264', audioCodec: null, widthPx: 1280, heightPx: 720, ptsOriginUs: 0 });
    return { streamId, epochId, count: 0 };
  }

  /** Adds segments of 2 s, with their files. */
  async record(
    epoch: RecordedEpoch,
    count: number,
    sizeBytes = 1_000,
    options: { runs?: 'done' | 'queued' | 'none' } = {},
  ): Promise<string[]> {
    const { runs = 'done' } = options;
    const segments = Array.from({ length: count }, (_, i) => {
      const sequence = epoch.count + i;
      const bytes = Buffer.alloc(sizeBytes, sequence % 251);
      return {
        bytes,
        probed: {
          ...{
            sequence,
            path: `${epoch.streamId}/${epoch.epochId}/${String(sequence).padStart(6, '0')}.ts`,
            sizeBytes,
            state: 'ready' as const,
          },
          ...{ ptsStartUs: sequence * SEGMENT_MS * 1_000, ptsEndUs: (sequence + 1) * SEGMENT_MS * 1_000, frameCount: 60 },
          ...{ keyframePtsUs: [sequence * SEGMENT_MS * 1_000], checksum: checksumOf(bytes) },
        },
      };
    });
    await mkdir(join(this.mediaDir, epoch.streamId, epoch.epochId), { recursive: true });
    for (const { bytes, probed } of segments) await writeFile(join(this.mediaDir, probed.path), bytes);
    for (let at = 0; at < segments.length; at += 500) {
      const batch = segments.slice(at, at + 500).map(({ probed }) => probed);
      await this.ledger.registerSegments(epoch.epochId, batch, runs === 'none' ? [] : [LOOK]);
    }
    epoch.count += count;
    if (runs === 'done') {
      await this.query(
        `WITH done AS (
           UPDATE analysis_runs SET state = 'done', finished_at = now(), frames_seen = 60, frames_expected = 60, result_count = 0
           WHERE epoch_id = $1 AND state = 'queued' RETURNING id, stream_id)
         INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM done`,
        [epoch.epochId],
      );
    }
    return segments.map(({ probed }) => probed.path);
  }

  async end(epoch: RecordedEpoch, reason = 'publisher-gone'): Promise<void> {
    await this.ledger.closeEpoch(epoch.epochId, reason);
  }

  /** An event over some of an epoch's segments, the last one included. */
  async event(epoch: RecordedEpoch, from: number, to: number, name = 'seen'): Promise<string> {
    const rows = await this.query<{ id: string }>(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
         first_run_id, last_run_id)
       SELECT a.stream_id, a.epoch_id, 'look', 'h', $4, $5, 'closed', a.pts_start_us, a.at, b.pts_end_us,
         b.at + interval '2 seconds', 0, 0
       FROM segments a JOIN segments b ON b.epoch_id = a.epoch_id AND b.sequence = $3 WHERE a.epoch_id = $1 AND a.sequence = $2
       RETURNING id::text AS id`,
      [epoch.epochId, from, to, randomUUID(), name],
    );
    return rows[0]!.id;
  }

  config(written: Parameters<typeof retentionConfig.parse>[0] = {}): RetentionConfig {
    return retentionConfig.parse(written);
  }

  mediaKeeper(retention: RetentionConfig, protectMs = 0): MediaKeeper {
    return new MediaKeeper(
      { mediaDir: this.mediaDir, nodeId: this.nodeId, retention, protectMs },
      {
        ...{ inventory: this.inventory, purge: this.purge, streams: this.retentions, logger: this.logger, now: () => this.nowMs },
        ...(this.space !== undefined && { space: () => Promise.resolve(this.space!) }),
      },
    );
  }

  ledgerKeeper(retention: RetentionConfig): LedgerKeeper {
    return new LedgerKeeper(retention, {
      ...{
        days: this.days,
        rows: this.rows,
        retentions: this.retentions,
        logger: this.logger,
        now: () => this.nowMs,
      },
      space: () => Promise.resolve(this.space ?? { freeBytes: null, totalBytes: null }),
    });
  }

  scan(scan: Partial<RetentionConfig['scan']> = {}): SegmentScan {
    return new SegmentScan(
      { mediaDir: this.mediaDir, nodeId: this.nodeId, scan: { rate: 100e6, interval: 3_600_000, ...scan } },
      { store: this.scans, keepers: this.keepers, logger: this.logger, now: () => this.nowMs },
    );
  }

  /** Sequences of an epoch by their state; a file that is there or not as the ledger says. */
  async states(epoch: RecordedEpoch): Promise<Record<string, number[]>> {
    const rows = await this.query<{ sequence: number; state: string; path: string; file_left: boolean }>(
      'SELECT sequence, state, path, file_left FROM segments WHERE epoch_id = $1 ORDER BY sequence',
      [epoch.epochId],
    );
    const wrong = rows.filter(({ path, state }) => state !== 'lost' && existsSync(join(this.mediaDir, path)) === (state === 'deleted'));
    if (wrong.length > 0) throw new Error(`Files and rows do not agree: ${JSON.stringify(wrong.slice(0, 3))}`);
    const states: Record<string, number[]> = {};
    for (const { sequence, state } of rows) (states[state] ??= []).push(sequence);
    return states;
  }
}
