import { randomUUID } from 'node:crypto';
import { StreamStore, type StreamRecord } from '../../../src/core/persistence/streams/stream-store.js';

interface FakeKey {
  readonly keyId: string;
  readonly key: string;
  readonly streamId: string;
  revokedAtMs: number | null;
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
    const key: FakeKey = { keyId: randomUUID(), key: randomUUID().replaceAll('-', ''), streamId, revokedAtMs: null };
    this.keys.push(key);
    this.tell(streamId);
    return { keyId: key.keyId, key: key.key, hint: key.key.slice(0, 4) };
  }

  async listKeys(streamId: string) {
    await this.answer();
    return this.keys
      .filter((key) => key.streamId === streamId)
      .map(({ keyId, key, revokedAtMs }) => ({ keyId, hint: key.slice(0, 4), createdAtMs: 0, revokedAtMs, lastUsedAtMs: null }));
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

  async findByKey(key: string): Promise<{ stream: StreamRecord; keyId: string } | null> {
    await this.answer();
    const found = this.keys.find((candidate) => candidate.key === key && candidate.revokedAtMs === null);
    const stream = found && this.streams.get(found.streamId);
    return found && stream?.enabled ? { stream, keyId: found.keyId } : null;
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
