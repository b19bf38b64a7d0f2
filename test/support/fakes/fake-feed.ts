import { type FeedEntry, FeedHydrator, topicsOf, toFrame } from '../../../src/core/api/feed/feed-hydrator.js';
import { FeedRings } from '../../../src/core/persistence/notify/feed-rings.js';
import {
  comparePositions,
  type FeedBatch,
  type FeedPosition,
  FeedReads,
  type FeedRow,
} from '../../../src/core/persistence/read/feed-reads.js';

const ZERO: FeedPosition = { xid: '0', id: '0' };

/** Rows of one transaction each, named by their ids; `xid` is ten times the id. */
export const positionOf = (id: number): FeedPosition => ({ xid: String(id * 10), id: String(id) });

/** The feed's table in memory, with transactions that are open still and with what retention took. Refuses what has no sense. */
export class FakeFeedReads extends FeedReads {
  /** While set every call fails with it. */
  down: Error | null = null;
  /** How often a batch was asked for, and from where. */
  readonly asked: FeedPosition[] = [];
  private readonly rows: FeedRow[] = [];
  /** Rows from this one on are held back by a transaction that is still open. */
  private heldFrom = Number.POSITIVE_INFINITY;
  private oldest = 1;
  /** While set, batches are not answered before it settles. */
  gate: Promise<void> | null = null;

  constructor() {
    super(undefined as never); // nothing of the real one is used
  }

  /** Appends a row. @returns its position */
  write(kind: string, streamId: string | null, payload: FeedRow['payload'] = {}): FeedPosition {
    const position = positionOf(this.oldest + this.rows.length);
    this.rows.push({ ...position, kind, streamId, payload });
    return position;
  }

  /** An older transaction is open: nothing from this row on may be read before {@link commit}. */
  holdFrom(id: number): void {
    this.heldFrom = id;
  }

  commit(): void {
    this.heldFrom = Number.POSITIVE_INFINITY;
  }

  /** Retention takes the oldest rows. */
  forgetBefore(id: number): void {
    this.rows.splice(0, id - this.oldest);
    this.oldest = id;
  }

  override async after(position: FeedPosition, limit: number): Promise<FeedBatch> {
    if (limit < 1) throw new Error(`a batch of ${limit}`);
    this.asked.push(position);
    await (this.gate ?? Promise.resolve());
    if (this.down !== null) throw this.down;
    const later = this.rows.filter((row) => comparePositions(row, position) > 0).slice(0, limit);
    const rows = later.filter((row) => Number(row.id) < this.heldFrom);
    return { rows, held: rows.length < later.length };
  }

  override async head(): Promise<FeedPosition> {
    if (this.down !== null) throw this.down;
    const last = this.rows.findLast((row) => Number(row.id) < this.heldFrom);
    return last === undefined ? ZERO : { xid: last.xid, id: last.id };
  }

  override async covers(position: FeedPosition): Promise<'yes' | 'too-old' | 'unknown'> {
    if (this.down !== null) throw this.down;
    const last = this.rows.at(-1) ?? ZERO;
    if (BigInt(position.xid) > BigInt(last.xid)) return 'unknown';
    return this.oldest === 1 || comparePositions(positionOf(this.oldest), position) <= 0 ? 'yes' : 'too-old';
  }
}

/** Gives each row an entry that says its kind and id; rows of private streams say less to viewers. */
export class FakeFeedHydrator extends FeedHydrator {
  readonly privateStreams = new Set<string>();
  /** Kinds whose subject is gone. */
  readonly gone = new Set<string>();
  down: Error | null = null;
  readonly hydrated: string[] = [];

  constructor() {
    super(undefined as never, undefined as never, undefined as never, undefined as never); // nothing of the real one is used
  }

  override async hydrate(rows: readonly FeedRow[]): Promise<FeedEntry[]> {
    await Promise.resolve();
    if (this.down !== null && rows.length > 0) throw this.down;
    this.hydrated.push(...rows.map(({ id }) => id));
    return rows
      .filter(({ kind }) => !this.gone.has(kind))
      .map((row) => {
        const frame = toFrame({ type: 'cursor', cursor: row.id });
        const isHidden = row.streamId !== null && this.privateStreams.has(row.streamId);
        const viewerFrame = isHidden ? null : frame;
        return {
          position: { xid: row.xid, id: row.id },
          kind: row.kind,
          streamId: row.streamId,
          topics: topicsOf(row),
          frame,
          viewerFrame,
        };
      });
  }
}

/** The feed's bell, rung by the test. */
export class FakeFeedRings extends FeedRings {
  private onRing: (() => void) | null = null;

  constructor() {
    super('');
  }

  override async listen(onRing: () => void): Promise<void> {
    if (this.onRing !== null) throw new Error('The bell is listened to already');
    this.onRing = onRing;
    onRing(); // the connection is there
  }

  override async stop(): Promise<void> {
    this.onRing = null;
  }

  ring(): void {
    if (this.onRing === null) throw new Error('Nobody listens to the bell');
    this.onRing();
  }
}
