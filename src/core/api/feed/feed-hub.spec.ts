import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeFeedHydrator, FakeFeedReads, FakeFeedRings, positionOf } from '../../../../test/support/fakes/fake-feed.js';
import { FeedHub } from './feed-hub.js';

const STREAM = 'stream-1';
const COALESCE_MS = 15;
const IDLE_MS = 5_000;

describe(FeedHub.name, () => {
  let reads: FakeFeedReads;
  let hydrator: FakeFeedHydrator;
  let rings: FakeFeedRings;
  let hub: FeedHub;
  /** Ids as they were handed on, a list for each time. */
  let heard: string[][];
  const errors = vi.spyOn(Logger.prototype, 'error');

  beforeEach(() => {
    vi.useFakeTimers();
    errors.mockReset().mockReturnValue(undefined);
    vi.spyOn(Logger.prototype, 'log').mockReturnValue(undefined);
    reads = new FakeFeedReads();
    hydrator = new FakeFeedHydrator();
    rings = new FakeFeedRings();
    hub = new FeedHub(reads, hydrator, rings);
    heard = [];
    hub.listen((entries) => heard.push(entries.map(({ position }) => position.id)));
  });
  afterEach(async () => {
    await hub.onApplicationShutdown();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const write = (count = 1, kind = 'segment.ready'): void => {
    for (let i = 0; i < count; i++) reads.write(kind, STREAM);
  };
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const boot = async (): Promise<void> => {
    await hub.onApplicationBootstrap();
    await pass(COALESCE_MS);
    heard.length = 0;
    reads.asked.length = 0;
  };

  it('begins where the feed ends: what happened before is not news', async () => {
    write(3);
    await hub.onApplicationBootstrap();
    expect(hub.position).toEqual(positionOf(3));
    write();
    await pass(COALESCE_MS);
    expect([heard, hub.position]).toEqual([[['4']], positionOf(4)]);
  });

  it('reads once for many rings, and hands each row on once, in order', async () => {
    await boot();
    for (let i = 0; i < 5; i++) {
      write();
      rings.ring();
      await pass(2);
    }
    await pass(COALESCE_MS);
    expect(heard).toEqual([['1', '2', '3', '4', '5']]);
    expect(reads.asked).toHaveLength(1);
  });

  it('reads once more for what is rung for while it reads', async () => {
    await boot();
    const { promise, resolve } = Promise.withResolvers<void>();
    reads.gate = promise;
    write();
    rings.ring();
    await pass(COALESCE_MS);
    rings.ring();
    rings.ring();
    reads.gate = null;
    resolve();
    await pass(0);
    expect(heard).toEqual([['1']]);
    write();
    await pass(COALESCE_MS);
    expect(heard).toEqual([['1'], ['2']]);
    expect(reads.asked).toHaveLength(2);
  });

  it('looks by itself after a while: a ring may be lost', async () => {
    await boot();
    write();
    await pass(IDLE_MS - COALESCE_MS - 1);
    expect(heard).toEqual([]);
    await pass(COALESCE_MS + 1);
    expect(heard).toEqual([['1']]);
  });

  it('reads on at once through a backlog, batch by batch', async () => {
    await boot();
    write(1_200);
    rings.ring();
    await pass(COALESCE_MS);
    expect(heard.map((ids) => ids.length)).toEqual([500, 500, 200]);
    expect(heard.flat()).toEqual(Array.from({ length: 1_200 }, (_, i) => String(i + 1)));
  });

  it('waits for rows that an open transaction holds back, ever longer up to a quarter of a second, and skips none', async () => {
    await boot();
    write(3);
    reads.holdFrom(2);
    rings.ring();
    await pass(COALESCE_MS);
    expect([heard, hub.position]).toEqual([[['1']], positionOf(1)]);
    const readAtMs: number[] = [];
    for (let ms = 1; ms <= 1_200; ms++) {
      const before = reads.asked.length;
      await pass(1);
      if (reads.asked.length > before) readAtMs.push(ms);
    }
    const waits = readAtMs.map((ms, i) => ms - (readAtMs[i - 1] ?? 0));
    expect(waits.slice(0, 3)).toEqual([20, 30, 45]);
    expect(waits.at(-1)).toBe(250);
    reads.commit();
    await pass(250);
    expect(heard).toEqual([['1'], ['2', '3']]);
    // The next one that is held back is looked for quickly again.
    write();
    reads.holdFrom(4);
    rings.ring();
    await pass(COALESCE_MS);
    reads.commit();
    await pass(20);
    expect(heard.at(-1)).toEqual(['4']);
  });

  it.each(['reads', 'hydrator'] as const)('loses nothing while its %s fail, and says so once', async (which) => {
    await boot();
    const part = which === 'reads' ? reads : hydrator;
    part.down = new Error('the database is away');
    write(2);
    rings.ring();
    await pass(COALESCE_MS);
    await pass(3_000);
    expect([heard, hub.position]).toEqual([[], positionOf(0)]);
    expect(errors).toHaveBeenCalledOnce();
    part.down = null;
    await pass(1_000);
    expect(heard).toEqual([['1', '2']]);
    part.down = new Error('away again');
    write();
    await pass(IDLE_MS);
    expect(errors).toHaveBeenCalledTimes(2);
  });

  it('goes past rows whose subject is gone', async () => {
    await boot();
    hydrator.gone.add('run.finished');
    write(1, 'run.finished');
    rings.ring();
    await pass(COALESCE_MS);
    expect([heard.flat(), hub.position]).toEqual([[], positionOf(1)]);
  });

  it('changes position and memory before it calls: whoever joins in between misses nothing and gets nothing twice', async () => {
    await boot();
    const late: string[] = [];
    hub.listen((entries) => {
      expect(hub.position).toEqual(entries.at(-1)!.position);
      expect(hub.after(positionOf(0))!.map(({ position }) => position.id)).toEqual([
        ...late,
        ...entries.map(({ position }) => position.id),
      ]);
      late.push(...entries.map(({ position }) => position.id));
    });
    for (let i = 0; i < 3; i++) {
      write();
      rings.ring();
      await pass(COALESCE_MS);
    }
    expect(late).toEqual(['1', '2', '3']);
  });

  it('goes on for the other readers when one fails', async () => {
    const failing = new FeedHub(reads, hydrator, rings);
    failing.listen(() => {
      throw new Error('a reader of no use');
    });
    const others: string[] = [];
    failing.listen((entries) => void others.push(...entries.map(({ position }) => position.id)));
    await failing.onApplicationBootstrap();
    write(2);
    await pass(COALESCE_MS);
    expect(others).toEqual(['1', '2']);
    expect(errors.mock.calls.flat()).toEqual(['A reader of the feed failed: a reader of no use']);
    await failing.onApplicationShutdown();
  });

  it('tells no more whoever has stopped listening', async () => {
    await boot();
    const stop = hub.listen(() => expect.unreachable());
    stop();
    write();
    rings.ring();
    await pass(COALESCE_MS);
    expect(heard).toEqual([['1']]);
  });

  describe('for clients that come back', () => {
    beforeEach(async () => {
      write(5);
      await boot(); // memory begins after 5
      write(2);
      rings.ring();
      await pass(COALESCE_MS);
    });

    it('remembers what it has handed on, and no more', () => {
      expect(hub.after(positionOf(5))!.map(({ position }) => position.id)).toEqual(['6', '7']);
      expect(hub.after(positionOf(7))).toEqual([]);
      expect(hub.after(positionOf(4))).toBeNull();
    });

    it('reads what is older from the database, but nothing that it has not handed on itself', async () => {
      write(3); // committed, not rung for yet
      hydrator.hydrated.length = 0;
      const older = await hub.older(positionOf(2), ({ id }) => id !== '4');
      expect([older.entries.map(({ position }) => position.id), older.position]).toEqual([['3', '5', '6', '7'], positionOf(7)]);
      expect(hydrator.hydrated).toEqual(['3', '5', '6', '7']);
    });

    it('goes on from the last row of a full batch, wanted or not', async () => {
      write(600);
      rings.ring();
      await pass(COALESCE_MS);
      const first = await hub.older(positionOf(0), () => false);
      expect([first.entries, first.position]).toEqual([[], positionOf(500)]);
      expect((await hub.older(first.position, () => false)).position).toEqual(hub.position);
    });

    it.each([
      ['within memory', 6, true],
      ['where the hub stands', 7, true],
      ['older than memory, but in the database', 3, true],
      ['from a server that is ahead of this one', 8, true],
      ['that nobody can have been given yet', 99, false],
    ])('takes a cursor %s: %d → %s', async (_, id, taken) => {
      write(); // 8: committed, but not heard of here
      expect(await hub.covers(positionOf(id))).toBe(taken);
    });

    it('refuses a cursor before what retention has left', async () => {
      reads.forgetBefore(4);
      expect([await hub.covers(positionOf(2)), await hub.covers(positionOf(4))]).toEqual([false, true]);
    });
  });

  it('ends with what is being read, and asks for nothing after it', async () => {
    await boot();
    const { promise, resolve } = Promise.withResolvers<void>();
    reads.gate = promise;
    write();
    rings.ring();
    await pass(COALESCE_MS);
    let hasEnded = false;
    const ending = hub.onApplicationShutdown().then(() => (hasEnded = true));
    await pass(0);
    expect(hasEnded).toBe(false);
    resolve();
    await ending;
    await pass(IDLE_MS);
    expect([heard, reads.asked.length]).toEqual([[['1']], 1]);
  });
});
