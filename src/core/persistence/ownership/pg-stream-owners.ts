import { Inject, Injectable } from '@nestjs/common';
import { DATABASE_URL } from '../database-url.js';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { ingestError } from '../../errors/ingest.errors.js';
import { FeedBell } from '../notify/feed-bell.js';
import { Database } from '../database.js';
import { NodeLock } from './node-lock.js';
import { CLAIM, JOIN, LEAVE, NODES, OWNERS, RECORDED_BY, RELEASE, RENEW } from './owner-statements.js';
import {
  type Claim,
  type Holding,
  type IngestNode,
  type NodeRecord,
  type OwnerRecord,
  type Renewal,
  StreamOwners,
} from './stream-owners.js';

interface Joined {
  readonly node: IngestNode;
  readonly process: string;
  readonly leaseMs: number;
  readonly lock: NodeLock;
}

interface JoinRow {
  joined: boolean;
  host: string | null;
  pid: number | null;
  until: string | null;
}

interface ClaimRow {
  fence: string | null;
  from_name: string | null;
  hold_left_ms: number | null;
  may: boolean;
}

/** How often a node that finds its id taken looks whether the other one still renews. */
const LOOK_EVERY_MS = 200;

/** {@link StreamOwners} in PostgreSQL. Each method but `join` is one statement. */
@Injectable()
export class PgStreamOwners extends StreamOwners {
  private joined: Joined | undefined;

  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
    @Inject(DATABASE_URL) private readonly databaseUrl: string,
  ) {
    super();
  }

  async join(node: IngestNode, leaseMs: number): Promise<void> {
    const lock = new NodeLock(this.databaseUrl, node.id);
    const process = randomUUID();
    try {
      let seen: string | null = null;
      for (;;) {
        const row = await this.tryToJoin({ node, process, leaseMs, lock });
        if (row.joined) break;
        // Nobody but a living process renews.
        if (seen !== null && row.until !== seen) {
          throw ingestError('VD_INGEST_NODE_TAKEN', `The ingest with the id ${node.id} runs already: process ${row.pid} on ${row.host}`);
        }
        seen = row.until;
        await delay(LOOK_EVERY_MS);
      }
    } catch (error) {
      await lock.release();
      throw error;
    }
    this.joined = { node, process, leaseMs, lock };
  }

  async renew(streams: readonly Holding[]): Promise<Renewal> {
    const { node, process, leaseMs, lock } = this.mine();
    const [row] = await this.sql.rows<Renewal>(RENEW, [node.id, process, leaseMs, ...columnsOf(streams)]);
    if (row === undefined)
      throw ingestError(
        'VD_INGEST_NODE_TAKEN',
        `Another process has taken the ingest id ${node.id} while this one could not renew its lease`,
      );
    void lock.acquire();
    return row;
  }

  async claim(streamId: string, options: { known?: string; takeOver?: { holdMs: number } }): Promise<Claim> {
    const { node, process, leaseMs } = this.mine();
    const values = [node.id, process, leaseMs, streamId, options.known ?? null, options.takeOver?.holdMs ?? null];
    const [row] = await this.sql.rows<ClaimRow>(CLAIM, values);
    if (row?.fence != null) {
      this.bell.ring();
      return { fence: row.fence, from: row.from_name };
    }
    const isWorthWaiting = row !== undefined && row.may && options.takeOver !== undefined;
    return { fence: null, ...(isWorthWaiting && { holdLeftMs: Math.max(0, row.hold_left_ms ?? 0) }) };
  }

  async release(streams: readonly Holding[]): Promise<void> {
    if (streams.length === 0) return;
    await this.sql.rows(RELEASE, [this.mine().node.id, ...columnsOf(streams)]);
    this.bell.ring();
  }

  nodes(): Promise<NodeRecord[]> {
    return this.sql.rows<NodeRecord>(NODES);
  }

  async owners(): Promise<OwnerRecord[]> {
    const rows = await this.sql.rows<{ stream_id: string; node_id: string; node_name: string; alive: boolean }>(OWNERS);
    return rows.map((row) => ({ streamId: row.stream_id, nodeId: row.node_id, nodeName: row.node_name, alive: row.alive }));
  }

  async recordedBy(streamId: string): Promise<string | null> {
    const [row] = await this.sql.rows<{ node_name: string }>(RECORDED_BY, [streamId, this.joined?.node.id ?? '']);
    return row?.node_name ?? null;
  }

  async leave(): Promise<void> {
    if (this.joined === undefined) return;
    const { node, process, lock } = this.joined;
    this.joined = undefined;
    try {
      await this.sql.rows(LEAVE, [node.id, process]);
      this.bell.ring();
    } finally {
      await lock.release();
    }
  }

  private async tryToJoin({ node, process, leaseMs, lock }: Joined): Promise<JoinRow> {
    const isAlone = await lock.acquire();
    const [row] = await this.sql.rows<JoinRow>(JOIN, [node.id, process, leaseMs, node.name, hostname(), globalThis.process.pid, isAlone]);
    return row as JoinRow;
  }

  private mine(): Joined {
    if (this.joined === undefined) throw new Error('The node has not joined');
    return this.joined;
  }
}

const columnsOf = (streams: readonly Holding[]): [string[], string[]] => [
  streams.map(({ streamId }) => streamId),
  streams.map(({ fence }) => fence),
];
