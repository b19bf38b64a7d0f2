import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { type EntityManager, type FindOptionsWhere, IsNull } from 'typeorm';
import { ledgerError } from '../../errors/ledger.errors.js';
import { FeedEntity } from '../entities/operations.entity.js';
import { PublishRefusalEntity, StreamEntity, StreamKeyEntity } from '../entities/stream.entity.js';
import { FeedBell, STREAMS_CHANNEL } from '../notify/feed-bell.js';
import { StreamChanges } from '../notify/stream-changes.js';
import { Database } from '../database.js';
import { sqlState } from '../sql-errors.js';
import { newStreamKey, streamKeyHint, streamKeySha256 } from './stream-key.js';
import { declareStreams } from './declare-streams.js';
import {
  type DeclaredChanges,
  type FoundKey,
  type NewStreamKey,
  type StreamDeclaration,
  type StreamKeyRecord,
  type StreamRecord,
  StreamStore,
} from './stream-store.js';
import { notify } from '../notify/notify.js';

/** The database's own time, which all machines share. */
const NOW = (): string => 'now()';

/**
 * {@link StreamStore} over TypeORM's repositories. Two statements stay SQL: the state, which only counts while no other node has the
 * stream, and the look-up by key, whose end is judged by the server's clock.
 */
@Injectable()
export class PgStreamStore extends StreamStore {
  constructor(
    private readonly database: Database,
    private readonly bell: FeedBell,
    private readonly changes: StreamChanges,
  ) {
    super();
  }

  async list(): Promise<StreamRecord[]> {
    return (await this.database.run((manager) => manager.getRepository(StreamEntity).find({ order: { createdAt: 'ASC', id: 'ASC' } }))).map(
      streamRecord,
    );
  }

  get(id: string): Promise<StreamRecord | null> {
    return this.one({ id });
  }

  getByName(name: string): Promise<StreamRecord | null> {
    return this.one({ name });
  }

  async create({
    sourceConfig = {},
    isPrivate = false,
    node = null,
    ...input
  }: Parameters<StreamStore['create']>[0]): Promise<StreamRecord> {
    const id = randomUUID();
    try {
      const made = await this.change(id, async (manager) => {
        await manager.insert(StreamEntity, { id, ...input, sourceConfig, isPrivate, node });
        return {};
      });
      return made as StreamRecord;
    } catch (error) {
      const cause = { cause: error };
      if (sqlState(error) === '23505') throw ledgerError('VD_STREAM_NAME_TAKEN', `There is a stream "${input.name}" already`, cause);
      if (sqlState(error) === '23514') throw ledgerError('VD_STREAM_NAME_INVALID', `"${input.name}" cannot be a stream's name`, cause);
      throw error;
    }
  }

  async update(id: string, patch: Parameters<StreamStore['update']>[1]): Promise<StreamRecord | null> {
    const isEmpty = Object.values(patch).every((value) => value === undefined);
    return this.change(id, async (manager) => {
      const before = await manager.findOne(StreamEntity, { where: { id }, select: { id: true, isPrivate: true } });
      if (!isEmpty) await manager.update(StreamEntity, { id, deletedAt: IsNull() }, patch);
      // To viewers, a stream that becomes private is removed; of one that is private they hear nothing.
      return before?.isPrivate === false && patch.isPrivate === true ? { hidden: true } : {};
    });
  }

  async declare(streams: readonly StreamDeclaration[], by: string): Promise<DeclaredChanges> {
    const changes = await this.database.transaction((manager) => declareStreams(manager, streams, by, announce));
    this.bell.ring();
    return changes;
  }

  async remove(id: string): Promise<boolean> {
    const isRemoved = await this.database.transaction(async (manager) => {
      const removal = { deletedAt: NOW, enabled: false, state: 'stopped', stateAt: NOW } as const;
      const { affected } = await manager.update(StreamEntity, { id, deletedAt: IsNull() }, removal);
      if (affected === 0) return false;
      await manager.update(StreamKeyEntity, { streamId: id, revokedAt: IsNull() }, { revokedAt: NOW });
      await manager.delete(PublishRefusalEntity, { streamId: id });
      await announce(manager, 'stream.removed', id);
      return true;
    });
    this.bell.ring();
    return isRemoved;
  }

  async setState(id: string, state: StreamRecord['state'], detail?: string, nodeId?: string): Promise<void> {
    await this.database.query(SET_STATE, [id, state, detail ?? null, nodeId ?? null]);
    this.bell.ring();
  }

  async createKey(streamId: string): Promise<NewStreamKey> {
    const { key, row } = keyRow(streamId);
    await this.database.transaction(async (manager) => {
      const stream = await manager.findOne(StreamEntity, {
        where: { id: streamId },
        select: { id: true },
        lock: { mode: 'pessimistic_read' },
      });
      if (stream === null) throw ledgerError('VD_STREAM_NOT_FOUND', `No stream ${streamId} to make a key for`);
      await manager.insert(StreamKeyEntity, row);
      await notify(manager, STREAMS_CHANNEL, streamId);
    });
    return { keyId: row.id, key, hint: row.hint };
  }

  async rotateKey(streamId: string, keyId: string, graceMs: number): Promise<NewStreamKey | null> {
    const { key, row } = keyRow(streamId);
    const isRotated = await this.database.transaction(async (manager) => {
      const old = manager.createQueryBuilder(StreamKeyEntity, 'key').where({ id: keyId, streamId, revokedAt: IsNull() });
      // Locked, so that of two that rotate it at once one finds it replaced.
      const found = await old.andWhere('(key.expiresAt IS NULL OR key.expiresAt > now())').setLock('pessimistic_write').getOne();
      if (found === null) return false;
      const until = `now() + ${Math.trunc(graceMs)} * interval '1 millisecond'`;
      const end = graceMs <= 0 ? { revokedAt: NOW } : { expiresAt: () => `least(expires_at, ${until})` };
      await manager.update(StreamKeyEntity, { id: keyId }, end);
      await manager.insert(StreamKeyEntity, row);
      await notify(manager, STREAMS_CHANNEL, streamId);
      return true;
    });
    return isRotated ? { keyId: row.id, key, hint: row.hint } : null;
  }

  async listKeys(streamId: string): Promise<StreamKeyRecord[]> {
    const order = { createdAt: 'ASC', id: 'ASC' } as const;
    const keys = await this.database.run((manager) => manager.getRepository(StreamKeyEntity).find({ where: { streamId }, order }));
    return keys.map(({ id, hint, createdAt, revokedAt, expiresAt, lastUsedAt, lastAddress }) => ({
      keyId: id,
      hint,
      createdAtMs: createdAt.getTime(),
      revokedAtMs: revokedAt?.getTime() ?? null,
      expiresAtMs: expiresAt?.getTime() ?? null,
      lastUsedAtMs: lastUsedAt?.getTime() ?? null,
      lastAddress,
    }));
  }

  async revokeKey(streamId: string, keyId: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const { affected } = await manager.update(StreamKeyEntity, { id: keyId, streamId, revokedAt: IsNull() }, { revokedAt: NOW });
      if (affected === 0) return false;
      await notify(manager, STREAMS_CHANNEL, streamId);
      return true;
    });
  }

  /** Looked up by its hash: how long that takes says nothing about the key. */
  async findByKey(key: string): Promise<FoundKey | null> {
    const [row] = await this.database.query<KeyRow>(FIND_KEY, [streamKeySha256(key)]);
    const stream = row && (await this.get(row.stream_id));
    if (!stream || row === undefined) return null;
    const { key_id: keyId, expires_at: expiresAt, fault } = row;
    return { stream, keyId, expiresAtMs: expiresAt?.getTime() ?? null, fault: fault ?? (stream.enabled ? null : 'disabled') };
  }

  async keyUsed(keyId: string, address: string): Promise<void> {
    await this.database.run((manager) => manager.update(StreamKeyEntity, { id: keyId }, { lastUsedAt: NOW, lastAddress: address }));
  }

  onChange(listener: (change: { streamId: string }) => void): () => void {
    return this.changes.subscribe(listener);
  }

  private async one(where: FindOptionsWhere<StreamEntity>): Promise<StreamRecord | null> {
    const stream = await this.database.run((manager) => manager.getRepository(StreamEntity).findOneBy(where));
    return stream && streamRecord(stream);
  }

  /**
   * Changes a stream and tells everybody of it, both or neither.
   * @param work gives what is told besides
   * @returns the stream as it is then; null where there is none
   */
  private async change(id: string, work: (manager: EntityManager) => Promise<FeedPayload>): Promise<StreamRecord | null> {
    const changed = await this.database.transaction(async (manager) => {
      const payload = await work(manager);
      const stream = await manager.findOneBy(StreamEntity, { id });
      if (stream !== null) await announce(manager, 'stream.changed', id, payload);
      return stream;
    });
    this.bell.ring();
    return changed && streamRecord(changed);
  }
}

const SET_STATE = `
WITH changed AS (
  UPDATE streams SET state = $2, state_detail = $3, state_at = CASE WHEN state = $2 THEN state_at ELSE now() END
  WHERE id = $1 AND deleted_at IS NULL AND (state, state_detail) IS DISTINCT FROM ($2::text, $3::text)
    AND ($4::text IS NULL OR NOT EXISTS (SELECT 1 FROM stream_owners o WHERE o.stream_id = $1 AND o.node_id <> $4
      AND o.lease_until > now()))
  RETURNING id
)
INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', id FROM changed`;
interface KeyRow {
  readonly key_id: string;
  readonly stream_id: string;
  readonly expires_at: Date | null;
  readonly fault: 'revoked' | 'expired' | null;
}
const FIND_KEY = `
SELECT id AS key_id, stream_id, expires_at,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' END AS fault
FROM stream_keys WHERE key_sha256 = $1`;

/** A fresh key, and what is kept of it. */
function keyRow(streamId: string) {
  const key = newStreamKey();
  return { key, row: { id: randomUUID(), streamId, keySha256: streamKeySha256(key), hint: streamKeyHint(key) } };
}

type FeedPayload = { readonly hidden?: true };

/** A line of the feed for clients, and a bell for the processes that hold the stream. */
async function announce(
  manager: EntityManager,
  kind: 'stream.changed' | 'stream.removed',
  streamId: string,
  payload: FeedPayload = {},
): Promise<void> {
  await manager.insert(FeedEntity, { kind, streamId, payload });
  await notify(manager, STREAMS_CHANNEL, streamId);
}

function streamRecord({ stateAt, createdAt, deletedAt: _, sourceConfig, ...stream }: StreamEntity): StreamRecord {
  return {
    ...stream,
    sourceConfig: sourceConfig as Record<string, unknown>,
    stateAtMs: stateAt.getTime(),
    createdAtMs: createdAt.getTime(),
  };
}
