import { Injectable } from '@nestjs/common';
import { Raw } from 'typeorm';
import { LRUCache } from 'lru-cache';
import { Database } from '../database.js';
import { MediaNodeEntity } from '../entities/media-node.entity.js';
import { ALIVE_WITHIN } from '../instance-heartbeat.js';
import { printable } from '../postgres-text.js';

/** A node's address is looked up again after this: it may have moved. */
const KNOWN_MS = 5_000;
const MAX_KNOWN = 1_000;

export interface MediaNode {
  /** As in `epochs.ingest_id`. */
  readonly id: string;
  readonly name: string;
  /** Null: it serves its segments to nobody. */
  readonly url: string | null;
  readonly host: string;
  /** Room on the disk of its media folder; null where it cannot be told. */
  readonly freeBytes: number | null;
  /** Why no segment can be written to the folder now, for a person; null where one can. */
  readonly writeFault: string | null;
}

/** Media folders of all machines, and where they are reached. */
@Injectable()
export class MediaNodes {
  private readonly known = new LRUCache<string, Promise<MediaNode | null>>({ max: MAX_KNOWN, ttl: KNOWN_MS });

  constructor(private readonly database: Database) {}

  /** Null where no such node ever was. One that is stopped, or silent, is still found. */
  async find(id: string): Promise<MediaNode | null> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const node = this.read(id);
    this.known.set(id, node);
    node.catch(() => this.known.delete(id));
    return node;
  }

  /** Says that the node is there; to be said again every few seconds. */
  async publish({ id, name, url, host, freeBytes, writeFault }: MediaNode): Promise<void> {
    const values = {
      id,
      name,
      url,
      host,
      freeBytes,
      writeFault: writeFault === null ? null : printable(writeFault),
      heartbeatAt: () => 'now()',
    };
    await this.database.run((manager) =>
      manager.createQueryBuilder().insert().into(MediaNodeEntity).values(values).orUpdate(PUBLISHED, ['id']).execute(),
    );
  }

  /** The node stops on purpose. Its address stays: until it is back, whoever asks there is told that it is away, not that it never was. */
  async withdraw(id: string): Promise<void> {
    await this.database.run((manager) => manager.update(MediaNodeEntity, { id }, { heartbeatAt: null }));
  }

  /** Those that run, by name. */
  living(): Promise<MediaNode[]> {
    const heartbeatAt = Raw((column) => `${column} > now() - ${ALIVE_WITHIN}`);
    const order = { name: 'ASC', id: 'ASC' } as const;
    return this.database.run((manager) => manager.find(MediaNodeEntity, { select: SHOWN, where: { heartbeatAt }, order, take: 500 }));
  }

  private read(id: string): Promise<MediaNode | null> {
    return this.database.run((manager) => manager.findOne(MediaNodeEntity, { select: SHOWN, where: { id } }));
  }
}

const SHOWN = { id: true, name: true, url: true, host: true, freeBytes: true, writeFault: true } as const;
/** Columns that a node that is known already says anew. */
const PUBLISHED = ['name', 'url', 'host', 'free_bytes', 'write_fault', 'heartbeat_at'];
