import type { WebSocket } from 'ws';
import type { TokenOwner } from '../../persistence/access/token-store.js';
import type { Visit } from '../../plugin-api/index.js';
import type { FeedPosition } from '../../persistence/read/feed-reads.js';
import { toFrame, type FeedEntry } from '../feed/feed-hydrator.js';
import type { ServerMessage } from '../../wire/wire.js';
import type { FrameByRole } from './watched-figures.js';
import { MessageRate } from './message-rate.js';

/** Why we close a socket; a client may tell by the code what to do. */
export const CLOSE = {
  invalid: 4400,
  /** Sign in (again). */
  unauthenticated: 4401,
  /** Wrong origin, or the role changed. */
  forbidden: 4403,
  /** Too slow: reconnect with the last cursor. */
  slow: 4408,
  tooManyMessages: 4429,
  /** Come back later. */
  full: 1013,
} as const;

/** A client that has this much unsent is cut off: memory must not grow with its slowness. */
const BUFFER_LIMIT_BYTES = 1024 * 1024;
/** While catching up we wait for the socket instead of filling it. */
const PACE_BYTES = 256 * 1024;
const DRAIN_DEADLINE_MS = 30_000;
const TERMINATE_AFTER_MS = 2_000;

/** One socket: who it is, what it wants, how far it has got. */
export class LiveClient {
  owner: TokenOwner | null = null;
  /** Its place among the strangers or the known; null while what it brought with the upgrade is looked up. */
  visit: Visit | null = null;
  topics: ReadonlySet<string> = new Set();
  /** Rises with every subscription: what an older one still has under way is dropped. */
  subscription = 0;
  live = false;
  answered = true;
  /** Entries up to here were seen before, from another server that was ahead of us. */
  skipUntil: FeedPosition | null = null;
  sentSomething = false;
  readonly rate = new MessageRate({ burst: 40, perSecond: 10 });
  private lastEntry: FeedEntry | null = null;

  constructor(
    readonly socket: WebSocket,
    readonly address: string,
  ) {}

  get open(): boolean {
    return this.socket.readyState === 1;
  }

  /** More is unsent than catching up should add to. */
  get congested(): boolean {
    return this.socket.bufferedAmount > PACE_BYTES;
  }

  wants(topics: readonly string[]): boolean {
    return topics.some((topic) => this.topics.has(topic));
  }

  send(message: ServerMessage): void {
    this.sendFrame(toFrame(message));
  }

  /** Sends an entry the client has not had, in the form its role may see. */
  deliver(entry: FeedEntry): void {
    if (entry === this.lastEntry) return; // it is in several of the client's topics
    this.lastEntry = entry;
    const frame = this.owner?.role === 'admin' ? entry.frame : entry.viewerFrame;
    if (frame !== null) this.sendFrame(frame);
  }

  sendFigures(frames: FrameByRole): void {
    this.sendFrame(frames[this.owner?.role ?? 'viewer']);
  }

  sendFrame(frame: Buffer): void {
    if (!this.open) return;
    if (this.socket.bufferedAmount > BUFFER_LIMIT_BYTES) {
      this.close(CLOSE.slow, 'Too slow: reconnect and resume with the last cursor');
      return;
    }
    this.sentSomething = true;
    this.socket.send(frame, { binary: false });
  }

  /** Resolves when there is room again; false when the client has gone or is too slow to wait for. */
  async room(): Promise<boolean> {
    const deadline = Date.now() + DRAIN_DEADLINE_MS;
    while (this.open && this.congested) {
      if (Date.now() > deadline) {
        this.close(CLOSE.slow, 'Too slow: reconnect and resume with the last cursor');
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.open;
  }

  close(code: number, reason: string): void {
    this.live = false;
    this.subscription += 1;
    this.socket.close(code, reason);
    // A peer that does not read never answers the close.
    setTimeout(() => this.socket.terminate(), TERMINATE_AFTER_MS).unref();
  }
}
