import { computed, signal } from '@angular/core';
import type { EpochWire, ServerMessage, StreamWire } from '../api/models';

/** Every stream, by name. */
export class StreamsState {
  private readonly byId = signal<ReadonlyMap<string, StreamWire>>(new Map());
  readonly loaded = signal(false);
  readonly list = computed(() => [...this.byId().values()].sort((a, b) => a.title.localeCompare(b.title) || a.name.localeCompare(b.name)));
  readonly liveCount = computed(() => this.list().filter((stream) => stream.state === 'live').length);

  byName(name: string | null): StreamWire | null {
    return this.list().find((stream) => stream.name === name) ?? null;
  }
  get(id: string): StreamWire | null {
    return this.byId().get(id) ?? null;
  }

  replace(streams: readonly StreamWire[]): void {
    this.byId.set(new Map(streams.map((stream) => [stream.id, stream])));
    this.loaded.set(true);
  }
  put(stream: StreamWire): void {
    this.byId.update((map) => new Map(map).set(stream.id, stream));
  }
  remove(streamId: string): void {
    this.byId.update((map) => new Map([...map].filter(([id]) => id !== streamId)));
  }
  clear(): void {
    this.byId.set(new Map());
    this.loaded.set(false);
  }

  apply(message: ServerMessage): void {
    switch (message.type) {
      case 'stream.changed':
        this.put(message.stream);
        break;
      case 'stream.removed':
        this.remove(message.streamId);
        break;
      case 'epoch.opened':
      case 'epoch.closed':
        this.applyEpoch(message.epoch);
        break;
    }
  }

  /** A message about an older epoch that comes late (it closes after its successor opened) does not displace the newer one. */
  private applyEpoch(epoch: EpochWire): void {
    const stream = this.get(epoch.streamId);
    if (stream && (stream.epoch === null || stream.epoch.ordinal <= epoch.ordinal)) this.put({ ...stream, epoch });
  }
}
