import { Injectable } from '@nestjs/common';
import type { EpochWire, Role, StreamWire } from '../../wire/wire.js';
import { Database } from '../database.js';
import { epochColumns, epochFromRow, type EpochRow } from './wire-rows.js';

interface StreamRow {
  id: string;
  name: string;
  title: string;
  adapter_id: string;
  source_config: Record<string, unknown>;
  enabled: boolean;
  private: boolean;
  pinned_to: string | null;
  state: StreamWire['state'];
  state_detail: string | null;
  state_at: Date;
  created_at: Date;
  deleted: boolean;
  declared_at: string | null;
  node: StreamWire['node'];
  epoch: EpochRow | null;
}

/** A stream as the API knows it, its visibility included. */
export interface StreamView {
  readonly wire: StreamWire;
  readonly sourceConfig: Record<string, unknown>;
  readonly deleted: boolean;
  /** Where the config file declares it; null: nowhere. */
  readonly declaredAt: string | null;
}

const streamSelect = `
SELECT t.id, t.name, t.title, t.adapter_id, t.source_config, t.enabled, t.private, t.node AS pinned_to, t.state, t.state_detail,
  t.state_at, t.created_at,
  -- Of a node that is gone for good nobody could change it any more.
  CASE WHEN EXISTS (SELECT FROM ingest_nodes n WHERE n.name = t.declared_by AND n.lease_until > now() - interval '1 day')
    THEN t.declared_at END AS declared_at,
  t.deleted_at IS NOT NULL AS deleted, to_jsonb(last) AS epoch,
  CASE WHEN o.node_id IS NOT NULL THEN jsonb_build_object('id', o.node_id, 'name', o.node_name, 'alive', o.lease_until > now()) END AS node
FROM streams t LEFT JOIN stream_owners o ON o.stream_id = t.id
LEFT JOIN LATERAL (SELECT ${epochColumns} FROM epochs e WHERE e.stream_id = t.id ORDER BY (e.state = 'open') DESC, e.ordinal DESC
  LIMIT 1) last ON TRUE`;

@Injectable()
export class StreamReads {
  constructor(private readonly database: Database) {}

  /** Live ones, by name. */
  async list(): Promise<StreamView[]> {
    return (await this.database.query<StreamRow>(`${streamSelect} WHERE t.deleted_at IS NULL ORDER BY t.name`)).map(toView);
  }

  /** Removed ones included. */
  async byIds(ids: readonly string[]): Promise<StreamView[]> {
    if (ids.length === 0) return [];
    return (await this.database.query<StreamRow>(`${streamSelect} WHERE t.id = ANY($1::uuid[])`, [ids])).map(toView);
  }

  async epochsByIds(ids: readonly string[]): Promise<EpochWire[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.query<EpochRow>(`SELECT ${epochColumns} FROM epochs e WHERE e.id = ANY($1::uuid[])`, [ids]);
    return rows.map(epochFromRow);
  }

  /** The epoch, if it is of that stream. */
  async epoch(streamId: string, epochId: string): Promise<EpochWire | null> {
    const rows = await this.database.query<EpochRow>(`SELECT ${epochColumns} FROM epochs e WHERE e.id = $1 AND e.stream_id = $2`, [
      epochId,
      streamId,
    ]);
    return rows[0] === undefined ? null : epochFromRow(rows[0]);
  }
}

/**
 * What somebody of that role is shown of a stream that they may see: where its publisher is, and what its source is opened with (a
 * camera's password may be in it), is for admins.
 */
export function shownTo(role: Role, view: StreamView): StreamView {
  return role === 'admin' ? view : { ...view, wire: { ...view.wire, stateDetail: null }, sourceConfig: {}, declaredAt: null };
}

function toView(row: StreamRow): StreamView {
  return {
    wire: {
      id: row.id,
      name: row.name,
      title: row.title,
      adapterId: row.adapter_id,
      enabled: row.enabled,
      private: row.private,
      pinnedTo: row.pinned_to,
      node: row.node,
      state: row.state,
      stateDetail: row.state_detail,
      stateAt: row.state_at.toISOString(),
      createdAt: row.created_at.toISOString(),
      epoch: row.epoch === null ? null : epochFromRow(revive(row.epoch)),
      playlistUrl: `/streaming/${row.id}/live.m3u8`,
    },
    sourceConfig: row.source_config,
    deleted: row.deleted,
    declaredAt: row.declared_at,
  };
}

/** JSON carries times as text. */
function revive(epoch: EpochRow): EpochRow {
  return { ...epoch, started_at: new Date(epoch.started_at), ended_at: epoch.ended_at === null ? null : new Date(epoch.ended_at) };
}
