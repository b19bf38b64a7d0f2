import { signal } from '@angular/core';
import type { ListedStreamWire, ServerMessage, StreamVerdictWire } from '../api/models';

/** How each stream is: by the list, and from then on by the socket whenever that changes. */
export class HealthState {
  private readonly byId = signal<ReadonlyMap<string, StreamVerdictWire>>(new Map());

  /** Null: nothing was heard of it yet. */
  of(streamId: string): StreamVerdictWire | null {
    return this.byId().get(streamId) ?? null;
  }

  replace(streams: readonly ListedStreamWire[]): void {
    this.byId.set(new Map(streams.map(({ id, health }) => [id, health])));
  }
  apply(message: ServerMessage): void {
    if (message.type === 'health') this.byId.set(new Map(message.streams.map(({ streamId, ...verdict }) => [streamId, verdict])));
  }
  clear(): void {
    this.byId.set(new Map());
  }
}
