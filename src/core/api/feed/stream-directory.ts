import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { StreamReads } from '../../persistence/read/stream-reads.js';
import type { Role } from '../../wire/wire.js';

export interface StreamCard {
  readonly private: boolean;
  readonly deleted: boolean;
}

const FRESH_MS = 3_000;
const ENTRIES = 10_000;

/** Who may see which stream, without a query per request: the feed reports changes, and no answer is trusted for long. */
@Injectable()
export class StreamDirectory {
  private readonly cards = new LRUCache<string, { readonly card: StreamCard | null }>({ max: ENTRIES, ttl: FRESH_MS });

  constructor(private readonly streams: StreamReads) {}

  async get(streamId: string): Promise<StreamCard | null> {
    return (await this.getMany([streamId])).get(streamId) ?? null;
  }

  async getMany(streamIds: readonly string[]): Promise<Map<string, StreamCard>> {
    const found = new Map<string, StreamCard>();
    const missing: string[] = [];
    for (const id of streamIds) {
      const known = this.cards.get(id);
      if (known === undefined) missing.push(id);
      else if (known.card !== null) found.set(id, known.card);
    }
    if (missing.length === 0) return found;
    const views = new Map((await this.streams.byIds(missing)).map((view) => [view.wire.id, view]));
    for (const id of missing) {
      const view = views.get(id);
      const card = view === undefined ? null : { private: view.wire.private, deleted: view.deleted };
      this.cards.set(id, { card });
      if (card !== null) found.set(id, card);
    }
    return found;
  }

  /** The stream, if this role may read its media: what is left of a removed stream is for admins, until it is deleted. */
  async readable(streamId: string, role: Role): Promise<StreamCard | null> {
    const card = await this.get(streamId);
    return card !== null && (role === 'admin' || !(card.private || card.deleted)) ? card : null;
  }

  forget(streamId: string): void {
    this.cards.delete(streamId);
  }
}
