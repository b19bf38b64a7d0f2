import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { FoundKey } from '../persistence/streams/stream-store.js';

const MAX_KEYS = 10_000;

/**
 * Keys that were found valid, by their hashes: for publishers that come back while the database is away. Never used while it can
 * be asked; a key found withdrawn is forgotten.
 */
export class KnownKeys {
  private readonly known = new LRUCache<string, FoundKey>({ max: MAX_KEYS });

  remember(key: string, known: FoundKey): void {
    this.known.set(hashOf(key), known);
  }

  get(key: string): FoundKey | null {
    const known = this.known.get(hashOf(key));
    return known === undefined || (known.expiresAtMs ?? Number.POSITIVE_INFINITY) <= Date.now() ? null : known;
  }

  forget(keyId: string): void {
    for (const [hash, known] of this.known) if (known.keyId === keyId) this.known.delete(hash);
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
