import { randomUUID } from 'node:crypto';
import {
  StreamStore,
  type DeclaredChanges,
  type FoundKey,
  type StreamDeclaration,
  type StreamRecord,
} from '../../../src/core/persistence/streams/stream-store.js';

interface FakeKey {
  readonly keyId: string;
  readonly key: string;
  readonly streamId: string;
  revokedAtMs: number | null;
  expiresAtMs: number | null;
  lastAddress: string | null;
}

/** Streams and keys in memory; changes are told at once, as the real one tells them by NOTIFY. */
export class FakeStreamStore extends StreamStore {
  readonly states: { streamId: string; state: StreamRecord['state']; detail: string | undefined }[] = [];
  down: Error | null = null;
  private readonly streams = new Map<string, StreamRecord>();
  private readonly keys: FakeKey[] = [];
  private readonly listeners = new Set<(change: { streamId: string }) => void>();

  async list(): Promise<StreamRecord[]> {
    await this.answer();
    return [...this.streams.values()];
  }

  async get(id: string): Promise<StreamRecord | null> {
    await this.answer();
    return this.streams.get(id) ?? null;
  }

  async getByName(name: string): Promise<StreamRecord | null> {
    return (await this.list()).find((stream) => stream.name === name) ?? null;
  }

  async create(input: Parameters<StreamStore['create']>[0]): Promise<StreamRecord> {
    await this.answer();
    const stream: StreamRecord = {
      id: randomUUID(),
      name: input.name,
      title: input.title,
      adapterId: input.adapterId,
      sourceConfig: input.sourceConfig ?? {},
      enabled: true,
      isPrivate: input.isPrivate ?? false,
      node: input.node ?? null,
      state: 'pending',
      stateDetail: null,
      stateAtMs: Date.now(),
      createdAtMs: Date.now(),
      declaredBy: null,
      declaredAt: null,
    };
    this.streams.set(stream.id, stream);
    this.tell(stream.id);
    return stream;
  }

  async update(id: string, patch: Parameters<StreamStore['update']>[1]): Promise<StreamRecord | null> {
    await this.answer();
    const stream = this.streams.get(id);
    if (stream === undefined) return null;
    const updated = { ...stream, ...patch };
    this.streams.set(id, updated);
    this.tell(id);
    return updated;
  }

  async declare(streams: readonly StreamDeclaration[], by: string): Promise<DeclaredChanges> {
    const created: string[] = [];
    for (const { name, title, adapterId, sourceConfig, isPrivate, node, ...rest } of streams) {
      const { id } = (await this.getByName(name)) ?? (await this.create({ name, title, adapterId, sourceConfig, isPrivate, node }));
      this.streams.set(id, { ...this.streams.get(id)!, ...rest, title, adapterId, sourceConfig, isPrivate, node, declaredBy: by });
      created.push(id);
      this.tell(id);
    }
    return { created, changed: [], released: [] };
  }

  async remove(id: string): Promise<boolean> {
    await this.answer();
    const removed = this.streams.delete(id);
    if (removed) this.tell(id);
    return removed;
  }

  async setState(id: string, state: StreamRecord['state'], detail?: string): Promise<void> {
    await this.answer();
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    this.streams.set(id, { ...stream, state, stateDetail: detail ?? null, stateAtMs: Date.now() });
    this.states.push({ streamId: id, state, detail });
    this.tell(id);
  }

  async createKey(streamId: string): Promise<{ keyId: string; key: string; hint: string }> {
    await this.answer();
    const key: FakeKey = {
      keyId: randomUUID(),
      key: randomUUID().replaceAll('-', ''),
      streamId,
      revokedAtMs: null,
      expiresAtMs: null,
      lastAddress: null,
    };
    this.keys.push(key);
    this.tell(streamId);
    return { keyId: key.keyId, key: key.key, hint: key.key.slice(0, 4) };
  }

  async listKeys(streamId: string) {
    await this.answer();
    return this.keys
      .filter((key) => key.streamId === streamId)
      .map(({ key, streamId: _, ...kept }) => ({ ...kept, hint: key.slice(0, 4), createdAtMs: 0, lastUsedAtMs: null }));
  }

  async rotateKey(streamId: string, keyId: string, graceMs: number) {
    const old = this.keys.find((candidate) => candidate.streamId === streamId && candidate.keyId === keyId);
    if (old === undefined || old.revokedAtMs !== null) return null;
    if (graceMs <= 0) old.revokedAtMs = Date.now();
    else old.expiresAtMs = Date.now() + graceMs;
    return this.createKey(streamId);
  }

  async revokeKey(streamId: string, keyId: string): Promise<boolean> {
    await this.answer();
    const key = this.keys.find(
      (candidate) => candidate.streamId === streamId && candidate.keyId === keyId && candidate.revokedAtMs === null,
    );
    if (key === undefined) return false;
    key.revokedAtMs = Date.now();
    this.tell(streamId);
    return true;
  }

  async findByKey(key: string): Promise<FoundKey | null> {
    await this.answer();
    const found = this.keys.find((candidate) => candidate.key === key);
    const stream = found && this.streams.get(found.streamId);
    if (found === undefined || stream === undefined) return null;
    const { keyId, expiresAtMs, revokedAtMs } = found;
    const isOver = expiresAtMs !== null && expiresAtMs <= Date.now();
    return {
      stream,
      keyId,
      expiresAtMs,
      fault: revokedAtMs !== null ? 'revoked' : isOver ? 'expired' : stream.enabled ? null : 'disabled',
    };
  }

  async keyUsed(keyId: string, address: string): Promise<void> {
    await this.answer();
    for (const key of this.keys) if (key.keyId === keyId) key.lastAddress = address;
  }

  onChange(listener: (change: { streamId: string }) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What the database would say was said of the state of a stream, in order, repeats left out. */
  statesOf(streamId: string): StreamRecord['state'][] {
    return this.states
      .filter((entry) => entry.streamId === streamId)
      .map(({ state }) => state)
      .filter((state, index, all) => state !== all[index - 1]);
  }

  private tell(streamId: string): void {
    for (const listener of this.listeners) queueMicrotask(() => listener({ streamId }));
  }

  private async answer(): Promise<void> {
    await Promise.resolve();
    if (this.down !== null) throw this.down;
  }
}
