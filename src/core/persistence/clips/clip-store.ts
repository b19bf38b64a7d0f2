import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { type EntityManager, In, IsNull, LessThan } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import { clipError } from '../../errors/clip.errors.js';
import { recordIn } from '../access/audit-log.js';
import { Database, queryOf } from '../database.js';
import { type JobState, UNFINISHED } from '../../wire/job-states.js';
import { ClipEntity } from '../entities/clip.entity.js';
import { printable, printableJson } from '../postgres-text.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';
import { pageOfRows } from '../read/page-of-rows.js';
import { HoldStore } from '../retention/hold-store.js';

export type ClipMode = ClipEntity['mode'];

/** A range of one epoch, by its media clock. Both ends are frames on show. */
export interface PtsRange {
  readonly epochId: string;
  readonly fromPtsUs: number;
  readonly toPtsUs: number;
}

export interface NewClip {
  readonly streamId: string;
  readonly caseId: string | null;
  readonly title: string;
  readonly mode: ClipMode;
  readonly fromMs: number;
  readonly toMs: number;
  /** Where it was asked for by media time; null: all epochs between the two times. */
  readonly pts: PtsRange | null;
  /** What it will take of the disk, by its segments. */
  readonly estimateBytes: number;
}

export interface Clip extends NewClip {
  readonly id: string;
  readonly state: JobState;
  readonly progress: number;
  readonly detail: string | null;
  readonly errorCode: string | null;
  readonly result: object | null;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly host: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date;
  readonly createdBy: string;
}

export interface ClipFilter {
  readonly streamIds: readonly string[];
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What clips may be in all. */
export interface ClipLimits {
  readonly maxAgeMs: number;
  readonly maxSizeBytes: number;
}

const MOST_WAITING = 200;
/** One process decides at a time whether there is room for another. The letters VDCL. */
const CLIPS_LOCK = 0x5644434c;

/** What clips take, and will take. */
const TAKEN = `
SELECT COALESCE(sum(COALESCE(size_bytes, CASE WHEN state IN ('queued','running') THEN estimate_bytes END, 0)), 0) AS bytes,
  count(*) FILTER (WHERE state IN ('queued','running'))::int AS waiting
FROM clips`;

/** Clips that people asked for. What their media is, is held against retention until they are made. */
@Injectable()
export class ClipStore {
  constructor(
    private readonly database: Database,
    private readonly holds: HoldStore,
  ) {}

  /**
   * @param before is done in the same transaction
   * @throws VD_CLIP_QUOTA, VD_CLIP_TOO_MANY, VD_RETENTION_TOO_MANY_HOLDS; then there are no such clips
   */
  async create(
    clips: readonly NewClip[],
    limits: ClipLimits,
    by: Actor,
    before: (manager: EntityManager) => Promise<void> = async () => undefined,
  ): Promise<Clip[]> {
    const ids = await this.database.transaction(async (manager) => {
      await before(manager);
      return insertClips(manager, clips, limits, by);
    });
    try {
      for (const [at, clip] of clips.entries()) await this.hold(ids[at]!, clip, by);
    } catch (error) {
      // What cannot be held might go while it is waited for.
      for (const id of ids) await this.delete(id, by);
      throw error;
    }
    return this.some(ids);
  }

  async find(id: string): Promise<Clip | null> {
    const row = await this.database.run((manager) => manager.findOneBy(ClipEntity, { id }));
    return row === null ? null : clipOf(row);
  }

  async ofCase(caseId: string): Promise<Clip[]> {
    const rows = await this.database.run((manager) => manager.find(ClipEntity, { where: { caseId }, order: { ordinal: 'ASC' } }));
    return rows.map(clipOf);
  }

  /** Newest first, without those of cases. */
  async list<Wire>(filter: ClipFilter, toWire: (clip: Clip) => Wire): Promise<Page<Wire>> {
    const { streamIds, after, limit } = filter;
    const before = after === undefined ? {} : { ordinal: LessThan(cursorParts(after, ['rowId'])[0]!) };
    const where = { streamId: In([...streamIds]), caseId: IsNull(), ...before };
    const rows = await this.database.run((manager) => manager.find(ClipEntity, { where, order: { ordinal: 'DESC' }, take: limit + 1 }));
    return pageOfRows(
      rows,
      limit,
      (row) => toWire(clipOf(row)),
      ({ ordinal }) => [ordinal],
    );
  }

  /** Before its end is told: what it took and what was missing. */
  async saveResult(id: string, result: object): Promise<void> {
    await this.database.run((manager) => manager.update(ClipEntity, { id }, { result: JSON.parse(printableJson(result)) as object }));
  }

  /** @returns false where it had ended */
  async cancel(id: string, by: Actor): Promise<boolean> {
    const cancelled = await this.database.transaction(async (manager) => {
      const { affected } = await manager.update(
        ClipEntity,
        { id, state: In([...UNFINISHED]) },
        { state: 'cancelled', owner: null, leaseUntil: null, finishedAt: () => 'now()' },
      );
      if (affected === 1) await recordIn(manager, { by, action: 'clip.cancel', target: id });
      return affected === 1;
    });
    if (cancelled) await this.letGo(id);
    return cancelled;
  }

  /** With its links. */
  async delete(id: string, by: Actor): Promise<void> {
    await this.letGo(id);
    await this.database.transaction(async (manager) => {
      const { affected } = await manager.delete(ClipEntity, { id });
      if (affected === 1) await recordIn(manager, { by, action: 'clip.delete', target: id });
    });
  }

  /** Its media may go again: it is made, or will not be. */
  async letGo(id: string): Promise<void> {
    const row = await this.database.run((manager) => manager.findOneBy(ClipEntity, { id }));
    if (row?.holdId == null) return;
    await this.holds.release(row.streamId, row.holdId, `clip ${id}: done`, CLIPS);
    await this.database.run((manager) => manager.update(ClipEntity, { id }, { holdId: null }));
  }

  private async hold(
    id: string,
    { streamId, fromMs, toMs, title }: Pick<NewClip, 'streamId' | 'fromMs' | 'toMs' | 'title'>,
    by: Actor,
  ): Promise<void> {
    const range = { fromMs, toMs: Math.max(toMs, fromMs + 1) };
    const { hold } = await this.holds.make({ streamId, kind: 'hold', why: `clip ${id}: ${title}`.slice(0, 500), range }, by);
    await this.database.run((manager) => manager.update(ClipEntity, { id }, { holdId: hold.id }));
  }

  private async some(ids: readonly string[]): Promise<Clip[]> {
    const rows = await this.database.run((manager) => manager.findBy(ClipEntity, { id: In([...ids]) }));
    return ids.flatMap((id) => rows.filter((row) => row.id === id).map(clipOf));
  }
}

/** Who lets go of what was held for a clip. */
const CLIPS: Actor = { name: 'clips', userId: null, tokenId: null, address: null, requestId: null };

/** @throws VD_CLIP_QUOTA, VD_CLIP_TOO_MANY */
async function insertClips(
  manager: EntityManager,
  clips: readonly NewClip[],
  { maxAgeMs, maxSizeBytes }: ClipLimits,
  by: Actor,
): Promise<string[]> {
  const query = queryOf(manager);
  await query(`SELECT pg_advisory_xact_lock(${CLIPS_LOCK})`);
  const [taken] = await query<{ bytes: string; waiting: number }>(TAKEN);
  const wanted = clips.reduce((sum, { estimateBytes }) => sum + estimateBytes, 0);
  if (Number(taken!.bytes) + wanted > maxSizeBytes) {
    const detail = `Clips take ${taken!.bytes} of ${maxSizeBytes} bytes, and this would take about ${wanted} more.`;
    throw clipError('VD_CLIP_QUOTA', detail);
  }
  if (taken!.waiting + clips.length > MOST_WAITING) throw clipError('VD_CLIP_TOO_MANY', `${taken!.waiting} clips are waiting already.`);
  const ids: string[] = [];
  for (const { fromMs, toMs, pts, estimateBytes, title, ...clip } of clips) {
    const id = randomUUID();
    ids.push(id);
    await manager.insert(ClipEntity, {
      ...clip,
      ...{ id, title: printable(title), createdBy: printable(by.name), estimateBytes: String(estimateBytes) },
      ...{ fromAt: new Date(fromMs), toAt: new Date(toMs) },
      ...(pts === null ? {} : { epochId: pts.epochId, fromPtsUs: String(pts.fromPtsUs), toPtsUs: String(pts.toPtsUs) }),
      expiresAt: () => `now() + ${Math.trunc(maxAgeMs)} * interval '1 millisecond'`,
    });
    const detail = { streamId: clip.streamId, mode: clip.mode, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    await recordIn(manager, { by, action: 'clip.create', target: id, detail });
  }
  return ids;
}

function clipOf({ fromAt, toAt, epochId, fromPtsUs, toPtsUs, estimateBytes, sizeBytes, ...row }: ClipEntity): Clip {
  return {
    ...{ id: row.id, streamId: row.streamId, caseId: row.caseId, title: row.title, mode: row.mode, state: row.state },
    ...{ progress: row.progress, detail: row.detail, errorCode: row.errorCode, result: row.result, sha256: row.sha256, host: row.host },
    ...{
      createdAt: row.createdAt,
      startedAt: row.startedAt,
      finishedAt: row.finishedAt,
      expiresAt: row.expiresAt,
      createdBy: row.createdBy,
    },
    ...{ fromMs: fromAt.getTime(), toMs: toAt.getTime() },
    pts: epochId === null ? null : { epochId, fromPtsUs: Number(fromPtsUs), toPtsUs: Number(toPtsUs) },
    estimateBytes: Number(estimateBytes),
    sizeBytes: sizeBytes === null ? null : Number(sizeBytes),
  };
}
