import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { ALIVE_WITHIN } from '../instance-heartbeat.js';

/** Where a living ingest role takes pages. */
export interface PageDoor {
  readonly node: string;
  readonly host: string;
  readonly url: string;
}

/** What ingest roles say in their heartbeats of the listeners that take pages; {@link PageDoors} reads it. */
export interface PageDoorsDetail {
  readonly [detail: string]: unknown;
  readonly node: string;
  /** By adapter. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Finds the ingest roles to which pages are let through. */
@Injectable()
export class PageDoors {
  constructor(private readonly database: Database) {}

  /** Those of an adapter: the stream's own node first, then the one that started last. A stream that is pinned has one of its node only. */
  async of(adapterId: string, stream: { readonly id: string; readonly node: string | null }): Promise<PageDoor[]> {
    return this.database.query<PageDoor & Record<string, unknown>>(
      `SELECT i.detail->>'node' AS node, i.host, i.detail->'pages'->>$1 AS url
       FROM instances i LEFT JOIN stream_owners o ON o.stream_id = $2 AND o.lease_until > now()
       WHERE i.role = 'ingest' AND i.heartbeat_at > now() - ${ALIVE_WITHIN} AND i.detail->'pages'->>$1 IS NOT NULL
         AND ($3::text IS NULL OR lower(i.detail->>'node') = lower($3))
       ORDER BY lower(i.detail->>'node') IS NOT DISTINCT FROM lower(o.node_name) DESC, i.started_at DESC LIMIT 20`,
      [adapterId, stream.id, stream.node],
    );
  }
}
