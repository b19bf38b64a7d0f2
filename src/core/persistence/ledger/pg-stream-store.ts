import { randomUUID } from 'node:crypto';
import { ledgerError } from '../../errors/ledger.errors.js';
import { type FeedBell, STREAMS_CHANNEL } from '../notify/feed-bell.js';
import { type LedgerSql, sqlState } from '../sql.js';
import { type StreamRecord, StreamStore } from './ingest-ledger.js';
import { newStreamKey, streamKeyHint, streamKeySha256 } from './stream-key.js';
import type { StreamChanges } from './stream-changes.js';

interface StreamRow {
  id: string;
  name: string;
  title: string;
  adapter_id: string;
  source_config: Record<string, unknown>;
  enabled: boolean;
  private: boolean;
  node: string | null;
  state: StreamRecord['state'];
  state_detail: string | null;
  state_at: Date;
  created_at: Date;
}

const COLUMNS = 'id, name, title, adapter_id, source_config, enabled, private, node, state, state_detail, state_at, created_at';
const CHANGED = `
), told AS (
  INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', id FROM changed
), rung AS MATERIALIZED (SELECT pg_notify('${STREAMS_CHANNEL}', id::text) FROM changed)
SELECT changed.* FROM changed, rung`;

/** {@link StreamStore} in PostgreSQL. */
export class PgStreamStore extends StreamStore {
  constructor(
    private readonly sql: LedgerSql,
    private readonly bell: FeedBell,
    private readonly changes: StreamChanges,
  ) {
    super();
  }

  async list(): Promise<StreamRecord[]> {
    const rows = await this.sql.rows<StreamRow>({
      name: 'streams',
      text: `SELECT ${COLUMNS} FROM streams WHERE deleted_at IS NULL ORDER BY created_at, id`,
    });
    return rows.map(streamRecord);
  }

  async get(id: string): Promise<StreamRecord | null> {
    return this.one({ name: 'stream', text: `SELECT ${COLUMNS} FROM streams WHERE id = $1 AND deleted_at IS NULL` }, [id]);
  }

  async getByName(name: string): Promise<StreamRecord | null> {
    return this.one({ name: 'stream_by_name', text: `SELECT ${COLUMNS} FROM streams WHERE name = $1 AND deleted_at IS NULL` }, [name]);
  }

  async create(input: Parameters<StreamStore['create']>[0]): Promise<StreamRecord> {
    try {
      const [row] = await this.sql.rows<StreamRow>(
        {
          name: 'stream_create',
          text: `WITH changed AS (
            INSERT INTO streams (id, name, title, adapter_id, source_config, private, node) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}${CHANGED}`,
        },
        [
          randomUUID(),
          input.name,
          input.title,
          input.adapterId,
          JSON.stringify(input.sourceConfig ?? {}),
          input.isPrivate ?? false,
          input.node ?? null,
        ],
      );
      this.bell.ring();
      return streamRecord(row as StreamRow);
    } catch (error) {
      if (sqlState(error) === '23505')
        throw ledgerError('VD_STREAM_NAME_TAKEN', `There is a stream "${input.name}" already`, { cause: error });
      if (sqlState(error) === '23514')
        throw ledgerError('VD_STREAM_NAME_INVALID', `"${input.name}" cannot be a stream's name`, { cause: error });
      throw error;
    }
  }

  async update(id: string, patch: Parameters<StreamStore['update']>[1]): Promise<StreamRecord | null> {
    const updated = await this.one(
      {
        name: 'stream_update',
        text: `WITH changed AS (
          UPDATE streams SET title = COALESCE($2, title), enabled = COALESCE($3, enabled), private = COALESCE($4, private),
            source_config = COALESCE($5, source_config), node = CASE WHEN $6 THEN $7 ELSE node END
          WHERE id = $1 AND deleted_at IS NULL RETURNING ${COLUMNS}${CHANGED}`,
      },
      [
        ...[id, patch.title ?? null, patch.enabled ?? null, patch.isPrivate ?? null],
        ...[patch.sourceConfig === undefined ? null : JSON.stringify(patch.sourceConfig), patch.node !== undefined, patch.node ?? null],
      ],
    );
    this.bell.ring();
    return updated;
  }

  async remove(id: string): Promise<boolean> {
    const rows = await this.sql.rows(
      {
        name: 'stream_remove',
        text: `
WITH removed AS (
  UPDATE streams SET deleted_at = now(), enabled = false, state = 'stopped', state_at = now() WHERE id = $1 AND deleted_at IS NULL RETURNING id
), revoked AS (
  UPDATE stream_keys SET revoked_at = now() FROM removed WHERE stream_id = removed.id AND revoked_at IS NULL
), told AS (
  INSERT INTO feed (kind, stream_id) SELECT 'stream.removed', id FROM removed
)
SELECT pg_notify('${STREAMS_CHANNEL}', id::text) FROM removed`,
      },
      [id],
    );
    this.bell.ring();
    return rows.length > 0;
  }

  async setState(id: string, state: StreamRecord['state'], detail?: string, nodeId?: string): Promise<void> {
    await this.sql.rows(
      {
        name: 'stream_state',
        text: `
WITH changed AS (
  UPDATE streams SET state = $2, state_detail = $3, state_at = CASE WHEN state = $2 THEN state_at ELSE now() END
  WHERE id = $1 AND deleted_at IS NULL AND (state, state_detail) IS DISTINCT FROM ($2::text, $3::text)
    AND ($4::text IS NULL OR NOT EXISTS (SELECT 1 FROM stream_owners o WHERE o.stream_id = $1 AND o.node_id <> $4 AND o.lease_until > now()))
  RETURNING id
)
INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', id FROM changed`,
      },
      [id, state, detail ?? null, nodeId ?? null],
    );
    this.bell.ring();
  }

  async createKey(streamId: string): Promise<{ keyId: string; key: string; hint: string }> {
    const key = newStreamKey();
    const keyId = randomUUID();
    const rows = await this.sql.rows(
      {
        name: 'stream_key_create',
        text: `
WITH made AS (
  INSERT INTO stream_keys (id, stream_id, key_sha256, hint) SELECT $1, id, $3, $4 FROM streams WHERE id = $2 AND deleted_at IS NULL RETURNING stream_id
)
SELECT pg_notify('${STREAMS_CHANNEL}', stream_id::text) FROM made`,
      },
      [keyId, streamId, streamKeySha256(key), streamKeyHint(key)],
    );
    if (rows.length === 0) throw ledgerError('VD_STREAM_NOT_FOUND', `No stream ${streamId} to make a key for`);
    return { keyId, key, hint: streamKeyHint(key) };
  }

  async listKeys(streamId: string): ReturnType<StreamStore['listKeys']> {
    const rows = await this.sql.rows<{ id: string; hint: string; created_at: Date; revoked_at: Date | null; last_used_at: Date | null }>(
      {
        name: 'stream_keys',
        text: 'SELECT id, hint, created_at, revoked_at, last_used_at FROM stream_keys WHERE stream_id = $1 ORDER BY created_at, id',
      },
      [streamId],
    );
    return rows.map((row) => ({
      keyId: row.id,
      hint: row.hint,
      createdAtMs: row.created_at.getTime(),
      revokedAtMs: row.revoked_at?.getTime() ?? null,
      lastUsedAtMs: row.last_used_at?.getTime() ?? null,
    }));
  }

  async revokeKey(streamId: string, keyId: string): Promise<boolean> {
    const rows = await this.sql.rows(
      {
        name: 'stream_key_revoke',
        text: `
WITH revoked AS (
  UPDATE stream_keys SET revoked_at = now() WHERE id = $2 AND stream_id = $1 AND revoked_at IS NULL RETURNING stream_id
)
SELECT pg_notify('${STREAMS_CHANNEL}', stream_id::text) FROM revoked`,
      },
      [streamId, keyId],
    );
    return rows.length > 0;
  }

  /** Looked up by its hash: how long that takes says nothing about the key. */
  async findByKey(key: string): Promise<{ stream: StreamRecord; keyId: string } | null> {
    const [row] = await this.sql.rows<StreamRow & { key_id: string }>(
      {
        name: 'stream_by_key',
        text: `
WITH used AS (
  UPDATE stream_keys k SET last_used_at = now() FROM streams s
  WHERE k.key_sha256 = $1 AND k.revoked_at IS NULL AND s.id = k.stream_id AND s.enabled AND s.deleted_at IS NULL
  RETURNING k.id AS key_id, k.stream_id
)
SELECT used.key_id, ${COLUMNS.split(', ')
          .map((column) => `s.${column}`)
          .join(', ')} FROM used JOIN streams s ON s.id = used.stream_id`,
      },
      [streamKeySha256(key)],
    );
    return row === undefined ? null : { stream: streamRecord(row), keyId: row.key_id };
  }

  onChange(listener: (change: { streamId: string }) => void): () => void {
    return this.changes.subscribe(listener);
  }

  private async one(statement: { name: string; text: string }, values: readonly unknown[]): Promise<StreamRecord | null> {
    const [row] = await this.sql.rows<StreamRow>(statement, values);
    return row === undefined ? null : streamRecord(row);
  }
}

function streamRecord(row: StreamRow): StreamRecord {
  return {
    id: row.id,
    name: row.name,
    title: row.title,
    adapterId: row.adapter_id,
    sourceConfig: row.source_config,
    enabled: row.enabled,
    isPrivate: row.private,
    node: row.node,
    state: row.state,
    stateDetail: row.state_detail,
    stateAtMs: row.state_at.getTime(),
    createdAtMs: row.created_at.getTime(),
  };
}
