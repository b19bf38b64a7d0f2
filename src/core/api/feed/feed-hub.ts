import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { FeedRings } from '../../persistence/notify/feed-rings.js';
import { FeedReads, comparePositions, type FeedPosition, type FeedRow } from '../../persistence/read/feed-reads.js';
import { FeedHydrator, type FeedEntry } from './feed-hydrator.js';
import { RecentEntries } from './recent-entries.js';
import { errorText } from '../../plugin-api/error.js';

const BATCH = 500;
/** Rings within this time are one read. */
const COALESCE_MS = 15;
/** Rows that may not be read yet are looked for again after this, and ever more seldom while a transaction stays open. */
const HELD_MS = 20;
const HELD_MAX_MS = 250;
/** Safety net for a lost ring. */
const IDLE_MS = 5_000;

export type FeedListener = (entries: readonly FeedEntry[]) => void;

export interface OlderEntries {
  readonly entries: readonly FeedEntry[];
  /** Read up to here, whether or not entries came of it. */
  readonly position: FeedPosition;
}

/**
 * Reads the feed once for all clients of this process, in commit order without holes, and hands each entry on synchronously:
 * whoever compares positions and starts listening without awaiting in between misses nothing and gets nothing twice.
 */
@Injectable()
export class FeedHub implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(FeedHub.name);
  private readonly listeners = new Set<FeedListener>();
  private current: FeedPosition = { xid: '0', id: '0' };
  private recent = new RecentEntries(this.current);
  private timer: NodeJS.Timeout | null = null;
  private dueMs = Number.POSITIVE_INFINITY;
  private reading: Promise<void> | null = null;
  private again = false;
  private heldForMs = HELD_MS;
  private failing = false;
  private stopped = false;

  constructor(
    private readonly reads: FeedReads,
    private readonly hydrator: FeedHydrator,
    private readonly rings: FeedRings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.current = await this.reads.head();
    this.recent = new RecentEntries(this.current);
    await this.rings.listen(() => this.schedule(COALESCE_MS));
    this.schedule(IDLE_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.rings.stop();
    await this.reading;
  }

  /** Everything up to here has been handed on. */
  get position(): FeedPosition {
    return this.current;
  }

  listen(listener: FeedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What was handed on after `position`; null when that is too far back for memory: then {@link older}. */
  after(position: FeedPosition): readonly FeedEntry[] | null {
    return this.recent.after(position);
  }

  /** A batch from the database, not beyond what has been handed on. Only rows that are wanted become entries. */
  async older(position: FeedPosition, wanted: (row: FeedRow) => boolean): Promise<OlderEntries> {
    const until = this.current;
    const batch = await this.reads.after(position, BATCH);
    const rows = batch.rows.filter((row) => comparePositions(row, until) <= 0);
    const last = rows.at(-1);
    const reached = rows.length < BATCH || last === undefined ? until : { xid: last.xid, id: last.id };
    return { entries: await this.hydrator.hydrate(rows.filter(wanted)), position: reached };
  }

  /** Whether a client may go on from `position`, or must fetch afresh. */
  async covers(position: FeedPosition): Promise<boolean> {
    if (this.recent.after(position) !== null && comparePositions(position, this.current) <= 0) return true;
    return (await this.reads.covers(position)) === 'yes';
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    if (this.reading !== null && delayMs <= COALESCE_MS) {
      this.again = true;
      return;
    }
    const due = Date.now() + delayMs;
    if (this.timer !== null && this.dueMs <= due) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.dueMs = due;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.dueMs = Number.POSITIVE_INFINITY;
      this.reading = this.read().finally(() => {
        this.reading = null;
        if (this.again) {
          this.again = false;
          this.schedule(COALESCE_MS);
        }
      });
    }, delayMs);
  }

  private async read(): Promise<void> {
    let next = IDLE_MS;
    try {
      for (;;) {
        const batch = await this.reads.after(this.current, BATCH);
        const entries = await this.hydrator.hydrate(batch.rows);
        const last = batch.rows.at(-1);
        if (last !== undefined) this.handOn(entries, { xid: last.xid, id: last.id });
        if (batch.rows.length === BATCH && !this.stopped) continue;
        if (batch.held) {
          next = this.heldForMs;
          this.heldForMs = Math.min(HELD_MAX_MS, this.heldForMs * 1.5);
        } else {
          this.heldForMs = HELD_MS;
        }
        break;
      }
      if (this.failing) this.logger.log('The feed is read again');
      this.failing = false;
    } catch (error) {
      next = 1_000;
      if (!this.failing && !this.stopped) this.logger.error(`The feed cannot be read: ${errorText(error)}`);
      this.failing = true;
    }
    this.schedule(next);
  }

  /** Synchronous on purpose: position, memory and listeners change together. */
  private handOn(entries: readonly FeedEntry[], position: FeedPosition): void {
    for (const entry of entries) this.recent.push(entry);
    this.current = position;
    for (const listener of this.listeners) {
      try {
        listener(entries);
      } catch (error) {
        // The others would have missed these entries for good.
        this.logger.error(`A reader of the feed failed: ${errorText(error)}`);
      }
    }
  }
}
