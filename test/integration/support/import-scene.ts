import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { ImportSpool } from '../../../src/core/media/files/import-spool.js';
import { ledgerDataSourceOptions } from '../../../src/core/persistence/data-source.js';
import { Database } from '../../../src/core/persistence/database.js';
import { type ImportRecord, ImportStore } from '../../../src/core/persistence/imports/import-store.js';
import { createPool } from '../../../src/core/persistence/pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { until } from '../../support/until.js';
import { TestIngestNode, type TestNodeOptions } from './ingest-node.js';

export interface EpochRow {
  readonly id: string;
  readonly state: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly end_reason: string | null;
  readonly video_codec: string;
  readonly width_px: number;
  readonly height_px: number;
  readonly pts_origin_us: string;
}

/** An ingest node that takes imports, and whoever brings files to it; the API's part is played by the store and the spool. */
export class ImportScene {
  private readonly nodes: TestIngestNode[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly source: DataSource,
    readonly sql: pg.Pool,
    readonly imports: ImportStore,
    readonly spool: ImportSpool,
  ) {}

  static async start(): Promise<ImportScene> {
    const database = await createTestDatabase();
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 2 })).initialize();
    const sql = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
    const spool = new ImportSpool(await mkdtemp(join(tmpdir(), 'vd-spool-')));
    return new ImportScene(database, source, sql, new ImportStore(new Database(source)), spool);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.sql.end();
    await this.source.destroy();
    await this.database.drop();
    await rm(this.spool.folder, { recursive: true, force: true });
  }

  async node(options: Partial<TestNodeOptions> = {}): Promise<TestIngestNode> {
    const node = await TestIngestNode.start({ databaseUrl: this.database.url, name: 'one', importsFrom: this.spool.folder, ...options });
    this.nodes.push(node);
    return node;
  }

  /** Takes the node out of the world without a word to anybody. @returns its media folder, as it was left */
  async kill(node: TestIngestNode): Promise<string> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.kill();
    return node.mediaDir;
  }

  /** Ends the node as a signal does. @returns its media folder */
  async halt(node: TestIngestNode): Promise<string> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.halt();
    return node.mediaDir;
  }

  async makeStream(name: string): Promise<string> {
    const { rows } = await this.sql.query<{ id: string }>(
      `WITH made AS (INSERT INTO streams (id, name, title, adapter_id, source_config) VALUES (gen_random_uuid(), $1, $1, 'file', '{}')
        RETURNING id) SELECT id, pg_notify('vedette_streams', id::text) FROM made`,
      [name],
    );
    return rows[0]!.id;
  }

  /** Brings a file, whole. @returns the import */
  async bring(streamId: string, path: string, { recordedAtMs = null }: { readonly recordedAtMs?: number | null } = {}): Promise<string> {
    const { size } = await stat(path);
    const wanted = { streamId, name: basename(path), path: null, sizeBytes: size, recordedAtMs, createdBy: 'test' };
    const { id } = await this.imports.create(wanted);
    await this.spool.append(id, { body: createReadStream(path), firstByte: 0, endByte: size });
    await this.imports.queue(id);
    return id;
  }

  /** The import once it is over. */
  async ended(id: string): Promise<ImportRecord> {
    return until(
      `import ${id} to be over`,
      async () => {
        const record = await this.imports.get(id);
        return record !== null && ['done', 'failed', 'cancelled'].includes(record.state) && (record.state !== 'done' || !record.hasFile)
          ? record
          : null;
      },
      60_000,
    );
  }

  async epochs(streamId: string): Promise<EpochRow[]> {
    return (await this.sql.query<EpochRow>('SELECT * FROM epochs WHERE stream_id = $1 ORDER BY started_at, ordinal', [streamId])).rows;
  }

  /** Of all streams. */
  async states(): Promise<string[]> {
    return (await this.sql.query<{ state: string }>('SELECT state FROM streams')).rows.map(({ state }) => state);
  }

  async segments(streamId: string): Promise<object[]> {
    const { rows } = await this.sql.query<object>(
      `SELECT s.sequence, s.pts_start_us, s.pts_end_us, s.frame_count, s.audio_frame_count, s.keyframe_pts_us FROM segments s
        JOIN epochs e ON e.id = s.epoch_id WHERE s.stream_id = $1 ORDER BY e.started_at, s.sequence`,
      [streamId],
    );
    return rows;
  }

  async firstSegment(streamId: string): Promise<{ readonly path: string }> {
    const { rows } = await this.sql.query<{ path: string }>('SELECT path FROM segments WHERE stream_id = $1 ORDER BY sequence LIMIT 1', [
      streamId,
    ]);
    return rows[0]!;
  }

  /** What the ledger has of a stream, counted. */
  async frames(streamId: string): Promise<{ video: number; segments: number; gaps: number }> {
    const { rows } = await this.sql.query<{ video: number; segments: number; gaps: number }>(
      `SELECT COALESCE(sum(frame_count), 0)::int AS video, count(*)::int AS segments,
        (SELECT count(*)::int FROM gaps WHERE stream_id = $1) AS gaps FROM segments WHERE stream_id = $1 AND state = 'ready'`,
      [streamId],
    );
    return rows[0]!;
  }
}
