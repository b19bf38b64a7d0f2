import { Injectable } from '@nestjs/common';
import type { ListenerWire } from '../../wire/sources.wire.js';
import type { SystemWire } from '../../wire/wire.js';
import { ALIVE_WITHIN } from '../instance-heartbeat.js';
import { Database } from '../database.js';

interface InstanceRow {
  id: string;
  role: string;
  host: string;
  pid: number;
  version: string;
  started_at: Date;
  heartbeat_at: Date;
  alive: boolean;
}

@Injectable()
export class SystemReads {
  constructor(private readonly database: Database) {}

  /** Instances of the last day, the living first. */
  async instances(): Promise<SystemWire['instances']> {
    const rows = await this.database.query<InstanceRow>(
      `SELECT id, role, host, pid, version, started_at, heartbeat_at, heartbeat_at > now() - ${ALIVE_WITHIN} AS alive FROM instances
       WHERE heartbeat_at > now() - interval '1 day' ORDER BY alive DESC, role, id LIMIT 500`,
    );
    return rows.map((row) => ({
      id: row.id,
      role: row.role,
      host: row.host,
      pid: row.pid,
      version: row.version,
      startedAt: row.started_at.toISOString(),
      heartbeatAt: row.heartbeat_at.toISOString(),
      alive: row.alive,
    }));
  }

  /** The living first. */
  async ingestNodes(): Promise<SystemWire['ingestNodes']> {
    const rows = await this.database.query<{ id: string; name: string; host: string; alive: boolean; streams: number; started_at: Date }>(
      `SELECT n.id, n.name, n.host, n.lease_until > now() AS alive, n.started_at,
         (SELECT count(*)::int FROM stream_owners o WHERE o.node_id = n.id AND o.lease_until > now()) AS streams
       FROM ingest_nodes n WHERE n.lease_until > now() - interval '1 day' ORDER BY alive DESC, n.name, n.id LIMIT 500`,
    );
    return rows.map(({ started_at, ...node }) => ({ ...node, startedAt: started_at.toISOString() }));
  }

  /** How the listeners of the living ingest processes are. */
  async listeners(): Promise<(ListenerWire & { id: string })[]> {
    return this.database.query<ListenerWire & { id: string }>(
      `SELECT listener->>'id' AS id, host, listener->>'state' AS state, listener->>'detail' AS detail
       FROM instances, jsonb_array_elements(CASE WHEN jsonb_typeof(detail->'listeners') = 'array' THEN detail->'listeners' ELSE '[]' END)
         AS listener
       WHERE role = 'ingest' AND heartbeat_at > now() - ${ALIVE_WITHIN} ORDER BY 1, host, instances.id LIMIT 500`,
    );
  }

  /** What the living workers said of the providers that models run on. */
  async inference(): Promise<SystemWire['inference']> {
    const rows = await this.database.query<{ id: string; host: string; inference: unknown }>(
      `SELECT id, host, detail->'inference' AS inference FROM instances
       WHERE role = 'worker' AND jsonb_typeof(detail->'inference') = 'object'
         AND heartbeat_at > now() - ${ALIVE_WITHIN} ORDER BY host, id LIMIT 500`,
    );
    return rows.map(({ id, host, inference }) => ({
      instanceId: id,
      host,
      ...(inference as Pick<SystemWire['inference'][number], 'runtime' | 'providers'>),
    }));
  }

  /** Streams that go on with something amiss, and what. @param isAll private ones too */
  async troubledStreams(isAll: boolean): Promise<{ name: string; detail: string }[]> {
    return this.database.query(
      `SELECT name, state_detail AS detail FROM streams
       WHERE state = 'live' AND state_detail IS NOT NULL AND enabled AND deleted_at IS NULL AND ($1 OR NOT private) ORDER BY name
         LIMIT 100`,
      [isAll],
    );
  }

  /** Roles of which at least one instance is alive. */
  async livingRoles(): Promise<Set<string>> {
    const rows = await this.database.query<{ role: string }>(
      `SELECT DISTINCT role FROM instances WHERE heartbeat_at > now() - ${ALIVE_WITHIN}`,
    );
    return new Set(rows.map((row) => row.role));
  }
}
