import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { printableJson } from './postgres-text.js';
import { Database } from './database.js';

const BEAT_MS = 5_000;
/** Its own last beat is no older where a process may tell that others are silent. */
const STEADY_MS = 3 * BEAT_MS;
/** A process that sent no heartbeat for this long counts as gone. */
export const ALIVE_WITHIN = "interval '20 seconds'";

/** What a process reports about itself besides; JSON. */
export type InstanceDetail = Readonly<Record<string, unknown>>;

/**
 * This process in the table `instances`: who runs where, and when it was last seen. A row whose beats end without being taken away is
 * of a process that crashed: the others put that on record.
 * @example heartbeat.start('worker', '0.1.0', () => ({ queues: ['default'] }))
 */
@Injectable()
export class InstanceHeartbeat {
  /** Unique per process; also the owner's name on lanes and runs. */
  readonly instanceId = randomUUID();
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();

  constructor(private readonly sql: Database) {}

  /** @param detail asked anew for every beat */
  async start(role: string, version: string, detail: () => Promise<InstanceDetail> | InstanceDetail = () => ({})): Promise<void> {
    const beat = async (): Promise<void> => this.beat(role, version, await detail());
    await beat();
    this.timer = setInterval(() => {
      this.beating = beat().catch(() => undefined);
    }, BEAT_MS);
    this.timer.unref();
  }

  /** Takes the row away: this process ends on purpose. */
  async stop(): Promise<void> {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    await this.beating;
    await this.sql.rows({ name: 'instance_stop', text: 'DELETE FROM instances WHERE id = $1' }, [this.instanceId]).catch(() => undefined);
  }

  private async beat(role: string, version: string, detail: InstanceDetail): Promise<void> {
    await this.sql.rows(
      {
        name: 'instance_beat',
        text: `
          WITH steady AS (
            -- Who was away from the database itself knows nothing of the others.
            SELECT FROM instances WHERE id = $1 AND heartbeat_at > now() - interval '${STEADY_MS} milliseconds'
          ), crashed AS (
            INSERT INTO role_crashes (instance_id, role, host, pid, last_heard_at)
            SELECT i.id, i.role, i.host, i.pid, i.heartbeat_at FROM instances i
            WHERE i.heartbeat_at < now() - ${ALIVE_WITHIN} AND i.id <> $1 AND EXISTS (SELECT FROM steady)
              AND NOT EXISTS (SELECT FROM role_crashes c WHERE c.instance_id = i.id)
            ON CONFLICT (instance_id) DO NOTHING
          ), back AS (
            DELETE FROM role_crashes WHERE instance_id = $1 AND acknowledged_at IS NULL
          ), gone AS (
            DELETE FROM instances WHERE heartbeat_at < now() - interval '1 hour' AND id <> $1 AND EXISTS (SELECT FROM steady)
          )
          INSERT INTO instances (id, role, host, pid, version, detail) VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (id) DO UPDATE SET heartbeat_at = now(), detail = EXCLUDED.detail`,
      },
      [this.instanceId, role, hostname(), process.pid, version, printableJson(detail)],
    );
  }
}
