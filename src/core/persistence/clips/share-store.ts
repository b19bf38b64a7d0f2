import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { IsNull, LessThan } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import { clipError } from '../../errors/clip.errors.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';
import { recordIn } from '../access/audit-log.js';
import { Database, queryOf } from '../database.js';
import { ClipEntity, ShareEntity } from '../entities/clip.entity.js';
import { printable } from '../postgres-text.js';
import { pageOfRows } from '../read/page-of-rows.js';

/** A link to a clip, without what opens it. */
export interface Share {
  readonly id: string;
  readonly clipId: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly maxViews: number | null;
  readonly views: number;
  readonly lastUsedAt: Date | null;
  readonly lastUsedAddress: string | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
}

export interface NewShare {
  readonly clipId: string;
  readonly sha256: Buffer;
  readonly ttlMs: number;
  readonly maxViews: number | null;
}

/** Why a link opens nothing any more. */
export type ShareEnd = 'expired' | 'revoked' | 'used-up';

export type FoundShare = { readonly share: Share; readonly end: ShareEnd | null };

const MOST_SHARES = 10_000;
/** A clip that was made for its link is some moments older. */
const SLACK = "interval '1 minute'";

/** Links that open one clip to whoever has them. Tokens come in and stay as SHA-256 only; expiry is judged by the server's clock. */
@Injectable()
export class ShareStore {
  constructor(private readonly database: Database) {}

  /** @throws VD_SHARE_TOO_LONG, VD_CLIP_TOO_MANY */
  async create({ clipId, sha256, ttlMs, maxViews }: NewShare, by: Actor): Promise<Share> {
    const id = randomUUID();
    return this.database.transaction(async (manager) => {
      const [limits] = await queryOf(manager)<{ fits: boolean; shares: number; expires_at: Date }>(
        `SELECT expires_at >= now() + $2 * interval '1 millisecond' - ${SLACK} AS fits, expires_at,
           (SELECT count(*) FROM shares)::int AS shares
          FROM clips WHERE id = $1 FOR SHARE`,
        [clipId, ttlMs],
      );
      if (limits === undefined || !limits.fits)
        throw clipError('VD_SHARE_TOO_LONG', `Clip ${clipId} is kept until ${limits?.expires_at.toISOString() ?? 'it is deleted'}.`);
      if (limits.shares >= MOST_SHARES) throw clipError('VD_CLIP_TOO_MANY', `There are ${limits.shares} links already.`);
      const until = limits.expires_at.toISOString();
      const expiresAt = (): string => `least(now() + ${Math.trunc(ttlMs)} * interval '1 millisecond', '${until}'::timestamptz)`;
      await manager.insert(ShareEntity, { id, clipId, tokenSha256: sha256, maxViews, createdBy: printable(by.name), expiresAt });
      await recordIn(manager, { by, action: 'share.create', target: id, detail: { clipId, ttlMs, maxViews } });
      return shareOf(await manager.findOneByOrFail(ShareEntity, { id }));
    });
  }

  async find(id: string): Promise<Share | null> {
    const row = await this.database.run((manager) => manager.findOneBy(ShareEntity, { id }));
    return row === null ? null : shareOf(row);
  }

  /** Newest first, with the titles of their clips. */
  async list<Wire>(
    filter: { readonly clipId?: string | undefined; readonly after?: string | undefined; readonly limit: number },
    toWire: (share: Share, title: string) => Wire,
  ): Promise<Page<Wire>> {
    const { clipId, after, limit } = filter;
    const where = {
      ...(clipId === undefined ? {} : { clipId }),
      ...(after === undefined ? {} : { ordinal: LessThan(cursorParts(after, ['rowId'])[0]!) }),
    };
    const { rows, titles } = await this.database.run(async (manager) => {
      const found = await manager.find(ShareEntity, { where, order: { ordinal: 'DESC' }, take: limit + 1 });
      const clips = await manager.findBy(
        ClipEntity,
        found.map((share) => ({ id: share.clipId })),
      );
      return { rows: found, titles: new Map(clips.map(({ id, title }) => [id, title])) };
    });
    return pageOfRows(
      rows,
      limit,
      (row) => toWire(shareOf(row), titles.get(row.clipId) ?? ''),
      ({ ordinal }) => [ordinal],
    );
  }

  /** What a token stands for; null for none. It counts as no view. */
  async of(sha256: Buffer): Promise<FoundShare | null> {
    const [row] = await this.database.query<{ id: string; expired: boolean }>(
      'SELECT id, expires_at <= now() AS expired FROM shares WHERE token_sha256 = $1',
      [sha256],
    );
    const share = row === undefined ? null : await this.find(row.id);
    return share === null ? null : { share, end: endOf(share, row!.expired) };
  }

  /** Counts a view, and puts it on record. @returns false where it opens nothing any more */
  async view(id: string, by: Actor): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const viewed = await queryOf(manager)(
        `WITH viewed AS (
           UPDATE shares SET views = views + 1, last_used_at = now(), last_used_address = $2
            WHERE id = $1 AND revoked_at IS NULL AND expires_at > now() AND (max_views IS NULL OR views < max_views) RETURNING id)
         SELECT id FROM viewed`,
        [id, by.address],
      );
      if (viewed.length === 1) await recordIn(manager, { by, action: 'share.use', target: id });
      return viewed.length === 1;
    });
  }

  /** @returns false where it was revoked before */
  async revoke(id: string, by: Actor): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const { affected } = await manager.update(
        ShareEntity,
        { id, revokedAt: IsNull() },
        { revokedAt: () => 'now()', revokedBy: printable(by.name) },
      );
      if (affected === 1) await recordIn(manager, { by, action: 'share.revoke', target: id });
      return affected === 1;
    });
  }
}

function endOf({ revokedAt, maxViews, views }: Share, isExpired: boolean): ShareEnd | null {
  if (revokedAt !== null) return 'revoked';
  if (isExpired) return 'expired';
  return maxViews !== null && views >= maxViews ? 'used-up' : null;
}

const shareOf = ({ tokenSha256: _token, ordinal: _ordinal, ...share }: ShareEntity): Share => share;
