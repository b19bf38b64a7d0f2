import { signal } from '@angular/core';
import type { ClientMessage, ServerMessage } from '../api/models';

export type FeedState = 'idle' | 'connecting' | 'open' | 'waiting';

/** The part of WebSocket the feed uses. */
export interface FeedSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface FeedDeps {
  open(): FeedSocket;
  now(): number;
  random(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, run: () => void): () => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** How often it is looked whether the server is still there. */
const BEAT_MS = 400;
/** After so long without a word the server is asked for one. */
const QUIET_MS = 700;
/** It was asked and did not answer: with the beat between, a cut is known within two seconds. */
const SILENT_MS = 1_500;
/** A socket that is silent for so long is dead although nobody closed it. */
const DEAD_MS = 8_000;
/** A beat that comes so late says that the page was held up (asleep, hidden), not the server. */
const HELD_UP_MS = 600;
/** Closed by the server because nobody is signed in (policy violation, or the 44xx that mirrors HTTP). */
const REFUSED_CODES = new Set([1008, 4401, 4403]);

/** Back-off with jitter: half of the doubled delay is certain, the other half random, so that clients do not return as one. */
export function retryDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/**
 * The WebSocket of the dashboard: reconnects, resumes after the last cursor seen, hands messages to listeners in order.
 * A listener that gets `subscribed` for a topic may fetch its past by REST: whatever happens later comes here.
 */
export class LiveFeed {
  readonly state = signal<FeedState>('idle');
  /** When the next attempt is due (ms since 1970); null while connected. */
  readonly retryAtMs = signal<number | null>(null);
  /** When the server was last heard of (ms since 1970), while it is not: the connection is lost, or silent. Null: it is there. */
  readonly lostSinceMs = signal<number | null>(null);
  /** Server clock minus ours. */
  readonly clockSkewMs = signal(0);
  /** The server refused the socket: the session has probably ended. */
  onRefused: (() => void) | null = null;

  private readonly listeners = new Set<(message: ServerMessage) => void>();
  private socket: FeedSocket | null = null;
  private topics: readonly string[] = [];
  private cursor: string | null = null;
  private attempt = 0;
  private greeted = false;
  private lastHeardMs = 0;
  /** Silence counts from here. */
  private countedFromMs = 0;
  private cancelRetry: (() => void) | null = null;
  private cancelBeat: (() => void) | null = null;

  constructor(private readonly deps: FeedDeps) {}

  listen(listener: (message: ServerMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Where a reconnect would resume. */
  get position(): string | null {
    return this.cursor;
  }

  start(): void {
    if (this.state() === 'idle') this.connect();
  }

  /** Closes for good and forgets the cursor. */
  stop(): void {
    this.drop();
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.cursor = null;
    this.attempt = 0;
    this.retryAtMs.set(null);
    this.lostSinceMs.set(null);
    this.state.set('idle');
  }

  /** The browser says that there is no network: it is believed until the server is heard again. */
  suspect(): void {
    if (this.state() !== 'open') return;
    this.lose();
    this.send({ type: 'ping' });
  }

  /** Tries at once, for when the network or the tab has come back. */
  retryNow(): void {
    if (this.state() !== 'waiting') return;
    this.cancelRetry?.();
    this.connect();
  }

  setTopics(topics: readonly string[]): void {
    this.topics = topics;
    // The connection goes on, so nothing is missed by leaving the cursor out: only a reconnect has to resume.
    if (this.greeted) this.send({ type: 'subscribe', topics: [...topics] });
  }

  private connect(): void {
    this.cancelRetry = null;
    this.retryAtMs.set(null);
    this.state.set('connecting');
    this.greeted = false;
    let socket: FeedSocket;
    try {
      socket = this.deps.open();
    } catch {
      this.retryLater();
      return;
    }
    this.socket = socket;
    this.countedFromMs = this.deps.now();
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      const wasGreeted = this.greeted;
      if (wasGreeted) this.lose();
      this.drop();
      if (REFUSED_CODES.has(event.code) || !wasGreeted) this.onRefused?.();
      this.retryLater();
    };
    this.scheduleBeat();
  }

  private receive(data: unknown): void {
    this.lastHeardMs = this.countedFromMs = this.deps.now();
    if (this.greeted && this.lostSinceMs() !== null) this.lostSinceMs.set(null);
    let message: ServerMessage;
    try {
      message = JSON.parse(String(data)) as ServerMessage;
    } catch {
      return; // Not ours to understand: a newer server may say things in other ways.
    }
    if (message.type === 'hello') this.greet(message.cursor, message.serverTime);
    else if ('cursor' in message) this.cursor = message.cursor;
    for (const listener of [...this.listeners]) listener(message);
  }

  private greet(cursor: string, serverTime: string): void {
    this.greeted = true;
    this.attempt = 0;
    this.lostSinceMs.set(null);
    this.state.set('open');
    const serverMs = Date.parse(serverTime);
    if (Number.isFinite(serverMs)) this.clockSkewMs.set(serverMs - this.deps.now());
    this.send({ type: 'subscribe', topics: [...this.topics], ...(this.cursor === null ? {} : { cursor: this.cursor }) });
    this.cursor ??= cursor;
  }

  private retryLater(): void {
    if (this.cancelRetry !== null) return;
    const delayMs = retryDelayMs(this.attempt++, this.deps.random());
    this.state.set('waiting');
    this.retryAtMs.set(this.deps.now() + delayMs);
    this.cancelRetry = this.deps.after(delayMs, () => this.connect());
  }

  private scheduleBeat(): void {
    this.cancelBeat?.();
    const dueMs = this.deps.now() + BEAT_MS;
    this.cancelBeat = this.deps.after(BEAT_MS, () => {
      const nowMs = this.deps.now();
      // What came meanwhile may lie unread: it is waited for one answer longer.
      if (nowMs - dueMs > HELD_UP_MS) this.countedFromMs = nowMs - QUIET_MS;
      const silentMs = nowMs - this.countedFromMs;
      if (silentMs >= DEAD_MS) {
        if (this.greeted) this.lose();
        this.drop();
        this.retryLater();
        return;
      }
      if (this.greeted && silentMs >= SILENT_MS) this.lose();
      if (this.greeted && silentMs >= QUIET_MS) this.send({ type: 'ping' });
      this.scheduleBeat();
    });
  }

  private lose(): void {
    this.lostSinceMs.update((since) => since ?? this.lastHeardMs);
  }

  private drop(): void {
    this.cancelBeat?.();
    this.cancelBeat = null;
    const socket = this.socket;
    this.socket = null;
    this.greeted = false;
    if (socket === null) return;
    socket.onmessage = socket.onclose = socket.onopen = null;
    socket.close(1000);
  }

  private send(message: ClientMessage): void {
    this.socket?.send(JSON.stringify(message));
  }
}
