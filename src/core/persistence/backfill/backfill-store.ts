import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { In, type EntityManager } from 'typeorm';
import { backfillError } from '../../errors/backfill.errors.js';
import type { Actor } from '../../audit/actor.js';
import type { JsonObject } from '../../plugin-api/index.js';
import { recordIn } from '../access/audit-log.js';
import { Database, type Query, queryOf } from '../database.js';
import { type JobState, UNFINISHED } from '../../wire/job-states.js';
import { BackfillEntity, BackfillStreamEntity } from '../entities/backfill.entity.js';
import { printable } from '../postgres-text.js';
import { analysedSegments } from './analysed-segments.js';

export interface NewBackfill {
  readonly title: string;
  readonly streamIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly analyzerId: string;
  readonly analyzerVersion: string;
  /** As written; null: the one in force. */
  readonly config: JsonObject | null;
  /** Leaves out what the analyzer was done with. */
  readonly onlyMissing: boolean;
  /** What was found takes the place of what was known without being asked for. */
  readonly applies: boolean;
}

/** How far one has come, by its runs. */
export interface BackfillCounts {
  readonly queued: number;
  readonly running: number;
  readonly done: number;
  readonly partial: number;
  readonly skipped: number;
  readonly failed: number;
  readonly compared: number;
  readonly applied: number;
}

export interface Backfill extends Omit<BackfillEntity, never> {
  readonly streamIds: readonly string[];
  readonly counts: BackfillCounts;
}

/** What there is of a range, before anything is begun. */
export interface BackfillQuote {
  readonly segments: number;
  readonly mediaMs: number;
  /** Segments of the range that are not on disk any more. */
  readonly missing: number;
  /** Segments that the analyzer was done with, left out. */
  readonly analysed: number;
  /** Of one core, by what the analyzer took lately; null: not known. */
  readonly cpuMs: number | null;
}

/** Segments of one backfill: a day of one stream has 43,200 of two seconds. */
export const MOST_SEGMENTS = 200_000;
const MOST_OPEN = 20;
/** So long before a range begins may a segment that reaches into it. */
const LONGEST_SEGMENT = `interval '1 hour'`;

const IN_RANGE = `s.stream_id = ANY ($1::uuid[]) AND s.at < $3::timestamptz AND s.at > $2::timestamptz - ${LONGEST_SEGMENT}
  AND s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond' > $2::timestamptz`;

/** Backfills as jobs: what was asked for, and how far it has come. What they do is in {@link BackfillWork}. */
@Injectable()
export class BackfillStore {
  constructor(private readonly database: Database) {}

  /** @throws VD_BACKFILL_TOO_MUCH */
  async quote(asked: NewBackfill): Promise<BackfillQuote> {
    const analysed = await this.analysed(asked);
    return this.database.run(async (manager) => {
      const query = queryOf(manager);
      const room = await quoteOf(query, asked, analysed);
      const [cost] = await query<{ share: number | null }>(COST, [asked.analyzerId]);
      return { ...room, cpuMs: cost?.share == null ? null : cost.share * room.mediaMs };
    });
  }

  /** @throws VD_BACKFILL_NOTHING, VD_BACKFILL_TOO_MUCH, VD_BACKFILL_TOO_MANY */
  async create(asked: NewBackfill, by: Actor): Promise<Backfill> {
    const analysed = await this.analysed(asked);
    const id = randomUUID();
    await this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      // One after the other: else each would see that there is room.
      await query('LOCK TABLE backfills IN SHARE ROW EXCLUSIVE MODE');
      const open = await manager.countBy(BackfillEntity, { state: In([...UNFINISHED]) });
      if (open >= MOST_OPEN) throw backfillError('VD_BACKFILL_TOO_MANY', `${open} backfills are not done yet`);
      const { segments } = await quoteOf(query, asked, analysed);
      if (segments === 0) throw backfillError('VD_BACKFILL_NOTHING', 'Nothing of the range is left to analyse');
      const { fromMs, toMs, streamIds, title, analyzerId, analyzerVersion, config, onlyMissing, applies } = asked;
      const fills = onlyMissing && config === null;
      await manager.insert(BackfillEntity, {
        ...{ id, title: printable(title), analyzerId, analyzerVersion, config, onlyMissing, fills, applies: applies && !fills },
        ...{ fromAt: new Date(fromMs), toAt: new Date(toMs), state: 'queued', createdBy: printable(by.name) },
      });
      await manager.insert(
        BackfillStreamEntity,
        [...new Set(streamIds)].map((streamId) => ({ backfillId: id, streamId })),
      );
      await query(INSERT_RUNS, [streamIds, new Date(fromMs), new Date(toMs), analysed, id]);
      const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      await recordIn(manager, {
        by,
        action: 'backfill.create',
        target: id,
        detail: { analyzerId, streamIds, ...range, onlyMissing, segments },
      });
    });
    return this.one(id);
  }

  /** Newest first. */
  async list(filter: { readonly states?: readonly JobState[]; readonly streamId?: string; readonly limit: number }): Promise<Backfill[]> {
    const { states, streamId, limit } = filter;
    const rows = await this.database.query<{ id: string }>(
      `SELECT b.id FROM backfills b WHERE ($1::text[] IS NULL OR b.state = ANY ($1))
         AND ($2::uuid IS NULL OR EXISTS (SELECT 1 FROM backfill_streams s WHERE s.backfill_id = b.id AND s.stream_id = $2))
       ORDER BY b.created_at DESC, b.id LIMIT $3`,
      [states ?? null, streamId ?? null, limit],
    );
    return this.database.run((manager) =>
      readAll(
        manager,
        rows.map(({ id }) => id),
      ),
    );
  }

  /** @throws VD_BACKFILL_UNKNOWN */
  async one(id: string): Promise<Backfill> {
    return this.database.run((manager) => read(manager, id));
  }

  /** @throws VD_BACKFILL_UNKNOWN, VD_BACKFILL_STATE */
  pause(id: string, by: Actor): Promise<Backfill> {
    return this.change(id, by, 'backfill.pause', ['queued', 'running'], { state: 'paused' });
  }

  /** @throws VD_BACKFILL_UNKNOWN, VD_BACKFILL_STATE */
  resume(id: string, by: Actor): Promise<Backfill> {
    return this.change(id, by, 'backfill.resume', ['paused'], { state: 'running' });
  }

  /** What it has filled stays; what it only found is dropped with it. @throws VD_BACKFILL_UNKNOWN, VD_BACKFILL_STATE */
  cancel(id: string, by: Actor): Promise<Backfill> {
    return this.change(id, by, 'backfill.cancel', UNFINISHED, { state: 'cancelled', finishedAt: new Date() });
  }

  /** What was found is to take the place of what was known. @throws VD_BACKFILL_UNKNOWN, VD_BACKFILL_STATE */
  apply(id: string, by: Actor): Promise<Backfill> {
    return this.change(id, by, 'backfill.apply', ['done'], { state: 'running', phase: 'applying', finishedAt: null }, isUndecided);
  }

  /** What was found is not wanted. @throws VD_BACKFILL_UNKNOWN, VD_BACKFILL_STATE */
  discard(id: string, by: Actor): Promise<Backfill> {
    return this.change(id, by, 'backfill.discard', ['done'], { outcome: 'discarded' }, isUndecided);
  }

  /** @throws VD_BACKFILL_UNKNOWN, VD_BACKFILL_STATE while it runs */
  async remove(id: string, by: Actor): Promise<void> {
    await this.database.transaction(async (manager) => {
      const row = await locked(manager, id);
      if (isUnfinished(row)) throw backfillError('VD_BACKFILL_STATE', `Backfill ${id} is ${row.state}: cancel it first`);
      await manager.delete(BackfillEntity, { id });
      await recordIn(manager, { by, action: 'backfill.delete', target: id });
    });
  }

  private async change(
    id: string,
    by: Actor,
    action: 'backfill.pause' | 'backfill.resume' | 'backfill.cancel' | 'backfill.apply' | 'backfill.discard',
    from: readonly JobState[],
    patch: Partial<BackfillEntity>,
    allowed: (row: BackfillEntity) => boolean = () => true,
  ): Promise<Backfill> {
    return this.database.transaction(async (manager) => {
      // In the order of those who work on it.
      await manager.query('SELECT 1 FROM backfill_streams WHERE backfill_id = $1 ORDER BY stream_id FOR UPDATE', [id]);
      const row = await locked(manager, id);
      if (!from.includes(row.state) || !allowed(row)) throw backfillError('VD_BACKFILL_STATE', `Backfill ${id} is ${told(row)}`);
      await manager.update(BackfillEntity, { id }, { detail: null, ...patch });
      if (patch.state === 'cancelled' || patch.outcome === 'discarded') {
        await manager.query('UPDATE backfill_runs SET results = NULL WHERE backfill_id = $1', [id]);
        await manager.query('UPDATE backfill_streams SET checkpoint = NULL WHERE backfill_id = $1', [id]);
      }
      await recordIn(manager, { by, action, target: id });
      return read(manager, id);
    });
  }

  private async analysed({ onlyMissing, streamIds, analyzerId, fromMs, toMs }: NewBackfill): Promise<string[]> {
    return onlyMissing ? analysedSegments(this.database, { streamIds, analyzerId, fromMs, toMs }) : [];
  }
}

const isUnfinished = ({ state }: BackfillEntity): boolean => UNFINISHED.some((unfinished) => unfinished === state);
const isUndecided = ({ fills, outcome, phase }: BackfillEntity): boolean => !fills && outcome === null && phase !== 'applying';

const told = ({ state, outcome, fills }: BackfillEntity): string =>
  outcome !== null ? outcome : fills && state === 'done' ? 'done: it filled what was missing as it went' : state;

async function quoteOf(
  query: Query,
  { streamIds, fromMs, toMs }: NewBackfill,
  analysed: readonly string[],
): Promise<Omit<BackfillQuote, 'cpuMs'>> {
  const [row] = await query<Omit<BackfillQuote, 'cpuMs'>>(QUOTE, [streamIds, new Date(fromMs), new Date(toMs), analysed]);
  if (row!.segments > MOST_SEGMENTS)
    throw backfillError('VD_BACKFILL_TOO_MUCH', `${row!.segments} segments are in the range; at most ${MOST_SEGMENTS} at once`);
  return row!;
}

async function locked(manager: EntityManager, id: string): Promise<BackfillEntity> {
  const row = await manager.findOne(BackfillEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (row === null) throw backfillError('VD_BACKFILL_UNKNOWN', `No backfill ${id}`);
  return row;
}

async function read(manager: EntityManager, id: string): Promise<Backfill> {
  const [found] = await readAll(manager, [id]);
  if (found === undefined) throw backfillError('VD_BACKFILL_UNKNOWN', `No backfill ${id}`);
  return found;
}

/** In the order of their ids; one that is gone is left out. */
async function readAll(manager: EntityManager, ids: readonly string[]): Promise<Backfill[]> {
  const rows = new Map((await manager.findBy(BackfillEntity, { id: In([...ids]) })).map((row) => [row.id, row]));
  const streams = Map.groupBy(await manager.findBy(BackfillStreamEntity, { backfillId: In([...ids]) }), ({ backfillId }) => backfillId);
  const counted = await queryOf(manager)<BackfillCounts & { id: string }>(COUNTS, [ids]);
  const counts = new Map(counted.map(({ id, ...of }) => [id, of]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    const streamIds = (streams.get(id) ?? []).map(({ streamId }) => streamId);
    return row === undefined ? [] : [{ ...row, streamIds, counts: counts.get(id) ?? NO_COUNTS }];
  });
}

const QUOTE = `
SELECT count(*) FILTER (WHERE ready AND NOT analysed)::int AS segments,
  COALESCE(sum(pts_end_us - pts_start_us) FILTER (WHERE ready AND NOT analysed), 0)::float8 / 1000 AS "mediaMs",
  count(*) FILTER (WHERE NOT ready)::int AS missing, count(*) FILTER (WHERE ready AND analysed)::int AS analysed
FROM (
  SELECT s.pts_start_us, s.pts_end_us, s.state = 'ready' AS ready, s.id = ANY ($4::bigint[]) AS analysed FROM segments s WHERE ${IN_RANGE}
) s`;

/** $1 an analyzer: CPU by media, of its latest runs. */
const COST = `
SELECT sum(COALESCE(r.cpu_ms, 0) + COALESCE(r.decode_cpu_ms, 0))::float8
  / NULLIF(sum(s.pts_end_us - s.pts_start_us)::float8 / 1000, 0) AS share
FROM (SELECT * FROM analysis_runs WHERE analyzer_id = $1 AND state = 'done' ORDER BY id DESC LIMIT 500) r
  JOIN segments s ON s.id = r.segment_id`;

const INSERT_RUNS = `
INSERT INTO backfill_runs (backfill_id, stream_id, segment_id, epoch_id, epoch_ordinal, sequence, at)
SELECT $5, s.stream_id, s.id, s.epoch_id, e.ordinal, s.sequence, s.at
FROM segments s JOIN epochs e ON e.id = s.epoch_id
WHERE ${IN_RANGE} AND s.state = 'ready' AND NOT s.id = ANY ($4::bigint[])
ORDER BY s.stream_id, e.ordinal, s.sequence`;

const NO_COUNTS: BackfillCounts = { queued: 0, running: 0, done: 0, partial: 0, skipped: 0, failed: 0, compared: 0, applied: 0 };
const COUNTS = `
SELECT backfill_id AS id, ${(['queued', 'running', 'done', 'partial', 'skipped', 'failed'] as const)
  .map((state) => `count(*) FILTER (WHERE state = '${state}')::int AS ${state}`)
  .join(', ')},
  count(*) FILTER (WHERE difference IS NOT NULL)::int AS compared, count(*) FILTER (WHERE applied)::int AS applied
FROM backfill_runs WHERE backfill_id = ANY ($1::uuid[]) GROUP BY backfill_id`;
