import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { retentionError } from '../../errors/retention.errors.js';
import type { Actor } from '../../audit/actor.js';
import { recordIn } from '../access/audit-log.js';
import { HoldEntity } from '../entities/retention.entity.js';
import { EventEntity } from '../entities/result.entity.js';
import { Database, queryOf } from '../database.js';
import { printable } from '../postgres-text.js';
import { HOLD_LOCK } from './media-purge.js';
import { SEGMENT_END } from './media-inventory.js';

/** A range of a stream that somebody keeps: `hold` until it is released, `mark` as long as what has events. */
export interface Hold {
  readonly id: string;
  readonly streamId: string;
  readonly kind: 'hold' | 'mark';
  readonly eventId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  readonly madeBy: string;
  readonly madeAtMs: number;
  readonly releasedBy: string | null;
  readonly releasedAtMs: number | null;
  readonly releasedWhy: string | null;
}

export interface NewHold {
  readonly streamId: string;
  readonly kind: Hold['kind'];
  readonly why: string;
  /** An event, with its margin; or a range. */
  readonly range: { readonly eventId: string; readonly marginMs: number } | { readonly fromMs: number; readonly toMs: number };
}

/** What of a range there is to keep. */
export interface Covered {
  readonly segments: number;
  readonly bytes: number;
  /** Segments of it that were deleted before, or are lost. */
  readonly missing: number;
}

/** An event that goes on is held until a day from now; who wants more holds the rest once it is over. */
const OPEN_EVENT_MS = 86_400_000;
const MOST_IN_FORCE = 10_000;

/** What people keep from being deleted. Who does it and why is on record, here and in the audit trail. */
@Injectable()
export class HoldStore {
  constructor(private readonly database: Database) {}

  /** Those in force first, newest first. */
  async list(streamId: string): Promise<Hold[]> {
    const rows = await this.database.run((manager) =>
      manager.find(HoldEntity, { where: { streamId }, order: { madeAt: 'DESC', id: 'ASC' }, take: 1_000 }),
    );
    return rows.map(holdOf).sort((a, b) => Number(a.releasedAtMs !== null) - Number(b.releasedAtMs !== null));
  }

  /**
   * From its answer on nothing of the range is deleted; `covered` says what is there.
   * @throws VD_RETENTION_EVENT_UNKNOWN, VD_RETENTION_RANGE_INVALID, VD_RETENTION_TOO_MANY_HOLDS
   */
  async make(hold: NewHold, by: Actor): Promise<{ hold: Hold; covered: Covered }> {
    const { streamId, kind } = hold;
    const id = randomUUID();
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      await query(`SELECT pg_advisory_xact_lock(${HOLD_LOCK})`);
      const { fromMs, toMs, eventId } = await rangeOf(manager, hold);
      if (!(toMs > fromMs)) throw retentionError('VD_RETENTION_RANGE_INVALID', 'The range ends before it begins');
      const [inForce] = await query<{ count: number }>('SELECT count(*)::int AS count FROM holds WHERE released_at IS NULL');
      if ((inForce?.count ?? 0) >= MOST_IN_FORCE)
        throw retentionError('VD_RETENTION_TOO_MANY_HOLDS', `${MOST_IN_FORCE} holds and marks are in force`);
      await manager.insert(HoldEntity, {
        ...{ id, streamId, kind, eventId, why: printable(hold.why), madeBy: printable(by.name) },
        ...{ fromAt: new Date(fromMs), toAt: new Date(toMs) },
      });
      const detail = { holdId: id, kind, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), why: hold.why, eventId };
      await recordIn(manager, { by, action: 'hold.create', target: streamId, detail });
      const made = await manager.findOneByOrFail(HoldEntity, { id });
      const [covered] = await query<Covered>(COVERED, [streamId, new Date(fromMs), new Date(toMs)]);
      return { hold: holdOf(made), covered: covered! };
    });
  }

  /** @returns the hold as it is then; null where the stream has none such in force */
  async release(streamId: string, id: string, why: string, by: Actor): Promise<Hold | null> {
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      const [row] = await query<{ from_at: Date; to_at: Date }>(RELEASE, [streamId, id, printable(by.name), printable(why)]);
      if (row === undefined) return null;
      // What it kept is looked at anew, by the other holds and events there are.
      await query(
        `UPDATE segments s SET kept = NULL WHERE s.stream_id = $1 AND s.kept IS NOT NULL AND s.at < $3 AND ${SEGMENT_END} > $2
        AND s.at > $2::timestamptz - interval '1 hour'`,
        [streamId, row.from_at, row.to_at],
      );
      await recordIn(manager, { by, action: 'hold.release', target: streamId, detail: { holdId: id, why } });
      return holdOf(await manager.findOneByOrFail(HoldEntity, { id }));
    });
  }
}

async function rangeOf(
  manager: EntityManager,
  { streamId, range }: NewHold,
): Promise<{ fromMs: number; toMs: number; eventId: string | null }> {
  if (!('eventId' in range)) return { ...range, eventId: null };
  const event = await manager.findOneBy(EventEntity, { id: range.eventId, streamId });
  if (event === null) throw retentionError('VD_RETENTION_EVENT_UNKNOWN', `Stream ${streamId} has no event ${range.eventId}`);
  const endMs = event.endAt?.getTime() ?? Date.now() + OPEN_EVENT_MS;
  return {
    fromMs: event.startAt.getTime() - range.marginMs,
    toMs: Math.max(endMs, event.startAt.getTime() + 1) + range.marginMs,
    eventId: event.id,
  };
}

function holdOf(row: HoldEntity): Hold {
  return {
    ...{ id: row.id, streamId: row.streamId, kind: row.kind, eventId: row.eventId, why: row.why, madeBy: row.madeBy },
    ...{ fromMs: row.fromAt.getTime(), toMs: row.toAt.getTime(), madeAtMs: row.madeAt.getTime() },
    ...{ releasedBy: row.releasedBy, releasedAtMs: row.releasedAt?.getTime() ?? null, releasedWhy: row.releasedWhy },
  };
}

const COVERED = `
SELECT count(*) FILTER (WHERE s.state IN ('ready', 'unreadable'))::int AS segments,
  COALESCE(sum(s.size_bytes) FILTER (WHERE s.state IN ('ready', 'unreadable')), 0)::float8 AS bytes,
  count(*) FILTER (WHERE s.state IN ('deleted', 'lost'))::int AS missing
FROM segments s WHERE s.stream_id = $1 AND s.at < $3 AND s.at > $2::timestamptz - interval '1 hour' AND ${SEGMENT_END} > $2`;

const RELEASE = `
WITH released AS (
  UPDATE holds SET released_at = now(), released_by = $3, released_why = $4 WHERE id = $2 AND stream_id = $1 AND released_at IS NULL
  RETURNING from_at, to_at
)
SELECT * FROM released`;
