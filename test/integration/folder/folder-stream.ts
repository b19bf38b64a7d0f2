import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, type TestContext } from 'vitest';
import { defineSource } from 'vedette/plugin';
import type { FolderConfigInput } from '../../../src/adapters/folder/config.js';
import { folderSource, FolderSource } from '../../../src/adapters/folder/folder-source.js';
import { AllowedFolders } from '../../../src/core/config/allowed-folders.js';
import { createPool } from '../../../src/core/persistence/pool.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { TestIngestNode } from '../support/ingest-node.js';

export interface StoredSegment {
  readonly epochId: string;
  readonly ordinal: number;
  readonly sequence: number;
  readonly state: string;
  readonly path: string;
  readonly frameCount: number;
  readonly checksum: string | null;
  readonly error: string | null;
}

export interface StoredEpoch {
  readonly id: string;
  readonly state: string;
  readonly endReason: string | null;
  readonly startedAtMs: number;
}

export interface FolderStreamOptions {
  readonly folder: string;
  readonly config?: Omit<FolderConfigInput, 'path'>;
}

/** A stream of the folder source on an ingest node of its own, with a real ledger. */
export class FolderStream {
  private constructor(
    private readonly database: TestDatabase,
    private readonly sql: pg.Pool,
    private node: TestIngestNode,
    readonly id: string,
    private readonly allowed: string,
  ) {}

  private static async start({ folder, config = {} }: FolderStreamOptions): Promise<FolderStream> {
    const database = await createTestDatabase();
    const sql = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
    const node = await nodeFor(database, folder);
    const { rows } = await sql.query<{ id: string }>(
      `WITH made AS (INSERT INTO streams (id, name, title, adapter_id, source_config) VALUES (gen_random_uuid(), 'cam', 'cam', 'folder', $1)
        RETURNING id)
       SELECT id, pg_notify('vedette_streams', id::text) FROM made`,
      [JSON.stringify({ path: folder, ...config })],
    );
    return new FolderStream(database, sql, node, rows[0]!.id, folder);
  }

  /** Ends with the test. */
  static async of({ onTestFinished }: TestContext, options: FolderStreamOptions): Promise<FolderStream> {
    const stream = await FolderStream.start(options);
    onTestFinished(() => stream.stop());
    return stream;
  }

  get mediaDir(): string {
    return this.node.mediaDir;
  }

  /** Nothing that it writes reaches the database from one moment on; the next life begins with the same media folder. */
  async killAndStartAgain(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    const { mediaDir } = this.node;
    await this.node.kill();
    await meanwhile();
    this.node = await nodeFor(this.database, this.allowed, mediaDir);
  }

  async segments(): Promise<StoredSegment[]> {
    const { rows } = await this.sql.query<StoredSegment>(
      `SELECT s.epoch_id AS "epochId", e.ordinal, s.sequence, s.state, s.path, s.frame_count AS "frameCount", s.checksum, s.error
       FROM segments s JOIN epochs e ON e.id = s.epoch_id WHERE s.stream_id = $1 ORDER BY e.ordinal, s.sequence`,
      [this.id],
    );
    return rows;
  }

  async epochs(): Promise<StoredEpoch[]> {
    const { rows } = await this.sql.query<StoredEpoch>(
      `SELECT id, state, end_reason AS "endReason", (extract(epoch FROM started_at) * 1000)::float8 AS "startedAtMs" FROM epochs
       WHERE stream_id = $1 ORDER BY ordinal`,
      [this.id],
    );
    return rows;
  }

  async gaps(): Promise<{ readonly reason: string; readonly missing: number }[]> {
    const { rows } = await this.sql.query<{ reason: string; missing: number }>(
      `SELECT g.reason, g.missing_sequences AS missing FROM gaps g JOIN epochs e ON e.id = g.epoch_id WHERE g.stream_id = $1
       ORDER BY e.ordinal, g.after_sequence`,
      [this.id],
    );
    return rows;
  }

  async remove(): Promise<void> {
    await this.sql.query(
      `WITH gone AS (UPDATE streams SET deleted_at = now() WHERE id = $1 RETURNING id) SELECT pg_notify('vedette_streams', id::text) FROM gone`,
      [this.id],
    );
  }

  async state(): Promise<string> {
    return (await this.told()).state;
  }

  async told(): Promise<{ readonly state: string; readonly detail: string | null }> {
    const { rows } = await this.sql.query<{ state: string; detail: string | null }>(
      'SELECT state, state_detail AS detail FROM streams WHERE id = $1',
      [this.id],
    );
    return rows[0]!;
  }

  /** @param index among {@link segments} */
  async bytesOf(index: number): Promise<Buffer> {
    return readFile(join(this.node.mediaDir, (await this.segments())[index]!.path));
  }

  /** What is stored is this, in this order, and the ledger knows each once. */
  async expectStored(written: readonly Buffer[]): Promise<void> {
    const segments = await this.segments();
    const stored = await Promise.all(segments.map((_, i) => this.bytesOf(i)));
    expect(stored.map((bytes) => written.findIndex((one) => one.equals(bytes)))).toEqual(written.map((_, i) => i));
    expect(segments.map(({ state, error }) => ({ state, error }))).toEqual(written.map(() => ({ state: 'ready', error: null })));
  }

  private async stop(): Promise<void> {
    await this.node.stop();
    await this.sql.end();
    await this.database.drop();
  }
}

/** @param mediaDir one that was used before: the same node */
async function nodeFor(database: TestDatabase, allowed: string, mediaDir?: string): Promise<TestIngestNode> {
  const source = defineSource({ ...folderSource, inject: [], create: () => new FolderSource(new AllowedFolders([allowed], '/')) });
  return TestIngestNode.start({ databaseUrl: database.url, name: 'one', sources: [source], ...(mediaDir !== undefined && { mediaDir }) });
}
