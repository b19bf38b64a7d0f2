import { signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { NewStreamKeyWire, StreamKeyWire, StreamWire } from '../../api/models';
import { Doing } from '../../core/doing';
import { PagedList } from './paged-list';

/** What publishers send by: the keys of each stream. */
export class KeysState {
  /** By stream; a stream's are asked for when it is opened. */
  readonly lists = signal<ReadonlyMap<string, PagedList<StreamKeyWire>>>(new Map());
  readonly doing = new Doing();
  /** One that was just made: it is shown this once. */
  readonly fresh = signal<{ readonly stream: StreamWire; readonly key: NewStreamKeyWire } | null>(null);

  constructor(private readonly api: ApiClient) {}

  async open(streamId: string): Promise<void> {
    const list = this.lists().get(streamId) ?? new PagedList(async () => ({ items: await this.api.upkeep.keys(streamId), next: null }));
    this.lists.update((lists) => new Map(lists).set(streamId, list));
    await list.load();
  }

  create(stream: StreamWire): Promise<boolean> {
    return this.show(stream, () => this.api.createKey(stream.id));
  }

  /** @param graceSeconds how long the old one stays good beside the new one */
  rotate(stream: StreamWire, key: StreamKeyWire, graceSeconds: number): Promise<boolean> {
    return this.show(stream, () => this.api.upkeep.rotateKey(stream.id, key.id, { graceSeconds }));
  }

  revoke(stream: StreamWire, { id }: StreamKeyWire): Promise<boolean> {
    return this.doing.attempt(async () => {
      await this.api.upkeep.revokeKey(stream.id, id);
      await this.open(stream.id);
    });
  }

  private show(stream: StreamWire, make: () => Promise<NewStreamKeyWire>): Promise<boolean> {
    return this.doing.attempt(async () => {
      this.fresh.set({ stream, key: await make() });
      await this.open(stream.id);
    });
  }
}

/** Whether it opens the stream now. */
export const isInForce = ({ revokedAt, expiresAt }: StreamKeyWire, nowMs: number): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs);
