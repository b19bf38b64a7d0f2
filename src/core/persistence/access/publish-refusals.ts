import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import type { PublishRefusalWire } from '../../wire/sources.wire.js';
import { Database } from '../database.js';
import { FeedEntity } from '../entities/operations.entity.js';
import { PublishRefusalEntity } from '../entities/stream.entity.js';
import { FeedBell } from '../notify/feed-bell.js';
import { printableJson } from '../postgres-text.js';

/** Publishers that were refused in the same way: as many as came since it was written last. */
export interface RefusalGroup {
  /** Null: several addresses. */
  readonly address: string | null;
  readonly code: string;
  readonly reason: string;
  readonly fix: string | null;
  /** The stream that the key is or was for. */
  readonly streamId: string | null;
  readonly app: string | null;
  readonly keyHint: string | null;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** More are not kept: those that came last longest ago go. */
const MAX_ROWS = 1_000;
const KEEP = '7 days';
/** Of one writing, told with their rows; of more, clients hear that there are some. */
const TOLD_AT_ONCE = 20;

/** Who was refused as a publisher lately, added up by address, reason, stream and application. */
@Injectable()
export class PublishRefusals {
  constructor(
    private readonly database: Database,
    private readonly bell: FeedBell,
  ) {}

  /** Adds them to what is known, and tells the feed. */
  async add(refused: readonly RefusalGroup[]): Promise<void> {
    if (refused.length === 0) return;
    // In one order everywhere: two nodes that write the same rows wait for each other, not for ever.
    const rows = refused.map((each) => ({ ...each, alike: alikeOf(each) })).toSorted((a, b) => (a.alike < b.alike ? -1 : 1));
    await this.database.transaction(async (manager) => {
      const written = await manager.query<{ id: string }[]>(ADD, [printableJson(rows)]);
      await manager.query(FORGET);
      const refusalIds = written.slice(0, TOLD_AT_ONCE).map(({ id }) => id);
      await manager.insert(FeedEntity, { kind: 'publish.refused', streamId: null, payload: { refusalIds } });
    });
    this.bell.ring();
  }

  /** Newest first. */
  async list(filter: { readonly limit: number; readonly streamId?: string | undefined }): Promise<PublishRefusalWire[]> {
    const { limit, streamId } = filter;
    const rows = await this.database.run((manager) =>
      manager.find(PublishRefusalEntity, {
        ...(streamId === undefined ? {} : { where: { streamId } }),
        order: { lastAt: 'DESC', id: 'DESC' },
        take: limit,
      }),
    );
    return rows.map(refusalOnWire);
  }

  async byIds(ids: readonly string[]): Promise<PublishRefusalWire[]> {
    if (ids.length === 0) return [];
    return (await this.database.run((manager) => manager.findBy(PublishRefusalEntity, { id: In(ids) }))).map(refusalOnWire);
  }
}

const alikeOf = ({ address, code, streamId, app }: RefusalGroup): string => JSON.stringify([address, code, streamId, app]);

const ADD = `
INSERT INTO publish_refusals AS known (alike, address, code, reason, fix, stream_id, app, key_hint, count, first_at, last_at)
SELECT alike, address, code, reason, fix, (SELECT id FROM streams WHERE id = "streamId"), app, "keyHint", count,
  to_timestamp("firstAtMs" / 1000), to_timestamp("lastAtMs" / 1000)
FROM jsonb_to_recordset($1::jsonb) AS refused(alike text, address text, code text, reason text, fix text, "streamId" uuid, app text,
  "keyHint" text, count bigint, "firstAtMs" float8, "lastAtMs" float8)
ON CONFLICT (alike) DO UPDATE SET count = known.count + EXCLUDED.count, last_at = greatest(known.last_at, EXCLUDED.last_at),
  reason = EXCLUDED.reason, fix = EXCLUDED.fix, key_hint = EXCLUDED.key_hint
RETURNING id`;
const FORGET = `
DELETE FROM publish_refusals WHERE last_at < now() - interval '${KEEP}'
  OR last_at < (SELECT last_at FROM publish_refusals ORDER BY last_at DESC, id DESC OFFSET ${MAX_ROWS - 1} LIMIT 1)`;

function refusalOnWire({ firstAt, lastAt, alike: _, ...row }: PublishRefusalEntity): PublishRefusalWire {
  return { ...row, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() };
}
