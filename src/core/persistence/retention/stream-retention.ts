import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Actor } from '../../audit/actor.js';
import { recordIn } from '../access/audit-log.js';
import { StreamRetentionEntity } from '../entities/retention.entity.js';
import { Database } from '../database.js';
import { printable } from '../postgres-text.js';

const limit = z.number().positive().nullable().optional();
/** Null: no limit. Absent: the config's. */
const settings = z.object({
  maxAgeMs: limit,
  maxSizeBytes: limit,
  eventMaxAgeMs: limit,
  eventMarginMs: z.number().min(0).optional(),
  events: z.array(z.string()).optional(),
  resultsMaxAgeMs: limit,
});

/** What of the retention a stream has for itself. */
export type StreamRetention = z.output<typeof settings>;

/** How long a stream's media is kept; null: for ever. @param usual what the config says */
export const mediaAgeOf = ({ maxAgeMs }: StreamRetention, usual: number | null): number | null =>
  maxAgeMs === undefined ? usual : maxAgeMs;

/** Retention of single streams. */
@Injectable()
export class StreamRetentions {
  constructor(private readonly database: Database) {}

  /** By stream; those that have something for themselves. */
  async all(): Promise<Map<string, StreamRetention>> {
    const rows = await this.database.run((manager) => manager.find(StreamRetentionEntity));
    return new Map(rows.map((row) => [row.streamId, settings.parse(row.settings)]));
  }

  async of(streamId: string): Promise<StreamRetention> {
    const row = await this.database.run((manager) => manager.findOneBy(StreamRetentionEntity, { streamId }));
    return row === null ? {} : settings.parse(row.settings);
  }

  /** Replaces what the stream has for itself. */
  async set(streamId: string, retention: StreamRetention, by: Actor): Promise<void> {
    await this.database.transaction(async (manager) => {
      const row = { streamId, settings: retention, updatedBy: printable(by.name), updatedAt: () => 'now()' };
      await manager.createQueryBuilder().insert().into(StreamRetentionEntity).values(row).orUpdate(CHANGED, ['stream_id']).execute();
      await recordIn(manager, { by, action: 'retention.update', target: streamId, detail: retention });
    });
  }
}

const CHANGED = ['settings', 'updated_by', 'updated_at'];
