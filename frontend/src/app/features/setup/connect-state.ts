import { computed, signal } from '@angular/core';
import type { PublishRefusalWire, ServerMessage, StreamWire } from '../../api/models';

/**
 * - `waiting`: nobody has come so far
 * - `refused`: somebody came with a wrong key, or to a wrong place
 * - `connected`: it comes in; no picture could be made of it yet
 * - `picture`: it is seen
 * - `failed`: it cannot be opened, or its picture cannot be read
 */
export type ConnectStage = 'waiting' | 'refused' | 'connected' | 'picture' | 'failed';

/** Refusals from before are told where they are so young: whoever tries meanwhile has not given up. */
const YOUNG_MS = 120_000;
/** A refusal is not told any longer after this. */
const TOLD_FOR_MS = 300_000;

/** How a stream comes in for the first time. */
export class ConnectState {
  /** As it is now. */
  readonly stream: () => StreamWire | null;
  readonly hasPicture = signal(false);
  private readonly refusals = signal<ReadonlyMap<string, PublishRefusalWire>>(new Map());
  private readonly beganAtMs: number;
  private readonly ordinalBefore: number;

  /** @param nowMs the server's clock, once a second */
  constructor(
    stream: () => StreamWire | null,
    private readonly nowMs: () => number,
  ) {
    this.stream = stream;
    this.beganAtMs = nowMs();
    this.ordinalBefore = ordinalOf(stream());
  }

  /** The last one that was refused, unless it is long ago or was for another stream. */
  readonly refusal = computed(() => {
    const now = this.nowMs();
    const streamId = this.stream()?.id;
    const young = [...this.refusals().values()].filter(({ lastAt, streamId: meant }) => {
      const atMs = Date.parse(lastAt);
      return atMs > this.beganAtMs - YOUNG_MS && atMs > now - TOLD_FOR_MS && (meant === null || meant === streamId);
    });
    return young.sort((a, b) => Date.parse(b.lastAt) - Date.parse(a.lastAt))[0] ?? null;
  });

  readonly stage = computed<ConnectStage>(() => {
    const stream = this.stream();
    if (this.hasPicture()) return 'picture';
    if (stream?.state === 'live' || ordinalOf(stream) > this.ordinalBefore) return 'connected';
    if (stream?.state === 'failed' || stream?.state === 'retrying') return 'failed';
    return this.refusal() === null ? 'waiting' : 'refused';
  });

  hear(message: ServerMessage): void {
    if (message.type === 'publish.refused') this.learn(message.refusals);
  }

  learn(refusals: readonly PublishRefusalWire[]): void {
    this.refusals.update((known) => new Map([...known, ...refusals.map((refusal) => [refusal.id, refusal] as const)]));
  }
}

/** Of what came in last; -1: nothing so far. */
const ordinalOf = (stream: StreamWire | null): number => stream?.epoch?.ordinal ?? -1;
