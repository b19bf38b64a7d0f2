import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { type EntityManager, LessThan } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';
import { recordIn } from '../access/audit-log.js';
import { Database } from '../database.js';
import { CaseEntity } from '../entities/clip.entity.js';
import { printable } from '../postgres-text.js';
import { pageOfRows } from '../read/page-of-rows.js';
import { type Clip, type ClipLimits, ClipStore, type NewClip } from './clip-store.js';

/** Several clips that go together. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly createdBy: string;
  readonly clips: readonly Clip[];
}

/** Cases; how far one is is what its clips say. */
@Injectable()
export class CaseStore {
  constructor(
    private readonly database: Database,
    private readonly clips: ClipStore,
  ) {}

  /** @throws VD_CLIP_QUOTA, VD_CLIP_TOO_MANY; then there is no such case */
  async create(title: string, clips: readonly NewClip[], limits: ClipLimits, by: Actor): Promise<Case> {
    const id = randomUUID();
    const expiresAt = (): string => `now() + ${Math.trunc(limits.maxAgeMs)} * interval '1 millisecond'`;
    const inCase = clips.map((clip) => ({ ...clip, caseId: id }));
    const withCase = async (manager: EntityManager): Promise<void> => {
      await manager.insert(CaseEntity, { id, title: printable(title), createdBy: printable(by.name), expiresAt });
      await recordIn(manager, { by, action: 'case.create', target: id, detail: { title, clips: clips.length } });
    };
    await this.clips.create(inCase, limits, by, withCase).catch(async (error: unknown) => {
      await this.database.run((manager) => manager.delete(CaseEntity, { id }));
      throw error;
    });
    return (await this.find(id))!;
  }

  async find(id: string): Promise<Case | null> {
    const row = await this.database.run((manager) => manager.findOneBy(CaseEntity, { id }));
    return row === null ? null : this.withClips(row);
  }

  /** Newest first. */
  async list(after: string | undefined, limit: number): Promise<Page<Case>> {
    const where = after === undefined ? {} : { ordinal: LessThan(cursorParts(after, ['rowId'])[0]!) };
    const rows = await this.database.run((manager) => manager.find(CaseEntity, { where, order: { ordinal: 'DESC' }, take: limit + 1 }));
    const page = pageOfRows(
      rows,
      limit,
      (row) => row,
      ({ ordinal }) => [ordinal],
    );
    return { items: await Promise.all(page.items.map((row) => this.withClips(row))), next: page.next };
  }

  /** What of it is not done will not be. */
  async cancel({ id, clips }: Case, by: Actor): Promise<void> {
    await this.database.run((manager) => recordIn(manager, { by, action: 'case.cancel', target: id }));
    for (const clip of clips) await this.clips.cancel(clip.id, by);
  }

  /** With its clips and the links to them. */
  async delete({ id, clips }: Case, by: Actor): Promise<void> {
    for (const clip of clips) await this.clips.delete(clip.id, by);
    await this.database.transaction(async (manager) => {
      const { affected } = await manager.delete(CaseEntity, { id });
      if (affected === 1) await recordIn(manager, { by, action: 'case.delete', target: id });
    });
  }

  private async withClips({ ordinal: _ordinal, ...row }: CaseEntity): Promise<Case> {
    return { ...row, clips: await this.clips.ofCase(row.id) };
  }
}
