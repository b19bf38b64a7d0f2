import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeOwnerTable, FakeStreamOwners } from '../../../test/support/fakes/fake-stream-owners.js';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { StreamOwnership } from './stream-ownership.js';

const TIMINGS = { leaseMs: 10_000, renewMs: 2_500, holdMs: 3_000 };
const AWAY = new Error('no database');
const stream = randomUUID();

let databaseMs: number;
let table: FakeOwnerTable;
beforeEach(() => {
  // The timer is the test's to run: `pass`.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  databaseMs = 0;
  table = new FakeOwnerTable(() => databaseMs);
});
afterEach(() => vi.useRealTimers());

interface Node {
  readonly ownership: StreamOwnership;
  readonly owners: FakeStreamOwners;
  /** What it was told, in order. */
  readonly heard: string[];
  nowMs: number;
}

async function startNode(id: string): Promise<Node> {
  const owners = new FakeStreamOwners(table);
  const logger = new SilentLogger();
  // Each node's monotonic clock begins anywhere.
  const node: Node = {
    owners,
    heard: [],
    nowMs: 1e6 * Math.random(),
    ownership: new StreamOwnership(owners, { id, name: id }, TIMINGS, () => node.nowMs, logger),
  };
  await node.ownership.start({
    lost: (_, why) => node.heard.push(why),
    regained: () => node.heard.push('regained'),
    nodesChanged: () => node.heard.push('nodes-changed'),
    displaced: () => node.heard.push('displaced'),
  });
  return node;
}

/** Lets time pass for the database and the given nodes; others are paused. */
async function pass(ms: number, ...nodes: Node[]): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 500) {
    databaseMs += 500;
    for (const node of nodes) {
      node.nowMs += 500;
      await node.ownership.tick();
    }
  }
}

describe(StreamOwnership.name, () => {
  it('keeps a stream for as long as it renews, and nobody else gets it', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    expect(await a.ownership.claim(stream, false)).toBe(true);
    await pass(60_000, a, b);
    expect(await b.ownership.claim(stream, false)).toBe(false);
    expect(a.ownership.holds(stream)).toBe(true);
    expect(a.heard).not.toContain('lease-lost');
  });

  it('takes itself for the loser, by its own clock, before the database gives the stream away', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    await pass(2_500, a, b);
    await a.ownership.claim(stream, false);
    a.owners.cut = AWAY;
    let lostAtMs: number | undefined;
    let takenAtMs: number | undefined;
    const cutAtMs = databaseMs;
    while (takenAtMs === undefined && databaseMs < cutAtMs + 20_000) {
      await pass(500, a, b);
      if (!a.ownership.holds(stream)) lostAtMs ??= databaseMs;
      if (await b.ownership.claim(stream, false)) takenAtMs = databaseMs;
    }
    expect(lostAtMs).toBeLessThan(takenAtMs as number);
    expect((takenAtMs as number) - cutAtMs).toBeLessThanOrEqual(TIMINGS.leaseMs + 500);
    expect(a.heard.filter((word) => word === 'lease-lost')).toHaveLength(1);
    a.owners.cut = null;
    await pass(3_000, a, b);
    expect(a.heard.slice(-2)).toEqual(['superseded', 'regained']);
    expect(a.ownership.has(stream)).toBe(false);
  });

  it('finds out after a pause that the stream is another node’s', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    await pass(2_500, a, b);
    await a.ownership.claim(stream, false);
    await pass(11_000, b);
    expect(await b.ownership.claim(stream, false)).toBe(true);
    a.nowMs += 11_000; // it slept: nothing of it ran
    expect(a.ownership.holds(stream)).toBe(false);
    await a.ownership.tick();
    expect(a.heard).toEqual(expect.arrayContaining(['lease-lost', 'superseded']));
    expect(await a.ownership.claim(stream, false)).toBe(false);
  });

  it('has its stream again when the database was away and nobody took it', async () => {
    const [a] = [await startNode('a'), await startNode('b')];
    await pass(2_500, a);
    await a.ownership.claim(stream, false);
    table.down = AWAY;
    await pass(15_000, a);
    expect(a.ownership.holds(stream)).toBe(false);
    table.down = null;
    await pass(2_500, a);
    expect(a.ownership.holds(stream)).toBe(true);
    expect(a.heard).toContain('regained');
  });

  it.each([
    ['was the only node', false, false],
    ['the stream is pinned to it', true, true],
  ])('goes on while the database is away where it %s', async (_, isPinned, hasOther) => {
    const a = await startNode('a');
    const others = hasOther ? [await startNode('b')] : [];
    await pass(2_500, a, ...others);
    await a.ownership.claim(stream, isPinned);
    table.down = AWAY;
    await pass(60_000, a);
    expect(a.ownership.holds(stream)).toBe(true);
    expect(a.heard).not.toContain('lease-lost');
  });

  it('takes no node for dead until the database has been there for a lease', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    await pass(10_000, a, b);
    expect(b.ownership.isSteady).toBe(true);
    table.down = AWAY;
    await pass(20_000, a, b);
    table.down = null;
    await pass(2_500, a, b);
    expect(b.ownership.isSteady).toBe(false);
    b.heard.length = 0;
    await pass(10_500, a, b);
    expect(b.ownership.isSteady).toBe(true);
    expect(b.heard).toContain('nodes-changed');
  });

  it('tells when nodes come and die', async () => {
    const a = await startNode('a');
    expect(a.ownership.isAlone).toBe(true);
    const b = await startNode('b');
    await pass(2_500, a, b);
    expect(a.heard).toEqual(['nodes-changed']);
    expect(a.ownership.isAlone).toBe(false);
    await pass(13_000, a);
    expect(a.ownership.isAlone).toBe(true);
  });

  it('takes a stream over from a living node, but leaves that one its time first', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    await a.ownership.claim(stream, false);
    await pass(3_000, a, b);
    expect(await b.ownership.takeOver(stream, false)).toEqual({ from: 'a' });
    // Time of the database stands still while it waits here: it gives up in the end.
    table.owners.get(stream)!.sinceMs = databaseMs - TIMINGS.holdMs + 1;
    expect(await a.ownership.takeOver(stream, false)).toBeNull();
    await a.ownership.check();
    expect(a.heard).toContain('superseded');
    expect(b.ownership.holds(stream)).toBe(true);
  });

  it('holds nothing once another process has its id', async () => {
    const a = await startNode('a');
    await a.ownership.claim(stream, false);
    databaseMs += 11_000; // paused for longer than its lease
    const second = await startNode('a');
    expect(await second.ownership.claim(stream, false)).toBe(true);
    await a.ownership.check();
    expect(a.heard).toEqual(['superseded', 'displaced']);
    expect(a.ownership.has(stream)).toBe(false);
  });
});
