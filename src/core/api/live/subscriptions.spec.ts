import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeFeedHydrator, FakeFeedReads, FakeFeedRings, positionOf } from '../../../../test/support/fakes/fake-feed.js';
import { FakeQueueFigures } from '../../../../test/support/fakes/fake-queue-figures.js';
import { FakeSocket } from '../../../../test/support/fakes/fake-socket.js';
import type { TokenOwner } from '../../persistence/access/token-store.js';
import { encodeCursor } from '../feed/cursor.js';
import { FeedHub } from '../feed/feed-hub.js';
import { type StreamCard, StreamDirectory } from '../feed/stream-directory.js';
import { LiveClient } from './live-client.js';
import { StreamHealth } from '../resources/stream-health.js';
import type { NewestIds } from '../../persistence/events/newest-events.js';
import { EventTicker } from './event-ticker.js';
import { HealthTicker } from './health-ticker.js';
import { QueueTicker } from './queue-ticker.js';
import { StatusTicker } from './status-ticker.js';
import { Subscriptions } from './subscriptions.js';

const HALL = '00000000-0000-4000-8000-000000000001';
const VAULT = '00000000-0000-4000-8000-000000000002';
const GONE = '00000000-0000-4000-8000-000000000003';
const topic = (streamId: string): string => `stream:${streamId}`;
/** More than catching up adds to, less than a client is cut off for. */
const FULL_BYTES = 300 * 1024;
const cursorOf = (id: number): string => encodeCursor(positionOf(id));
const ownerOf = (role: TokenOwner['role']): TokenOwner => ({
  tokenId: 't',
  userId: 'u',
  userName: role,
  role,
  kind: 'session',
  expiresAt: null,
});
const [ADMIN, VIEWER] = [ownerOf('admin'), ownerOf('viewer')];

/** Knows three streams: one for all, one that is private, one that was removed. */
class FakeDirectory extends StreamDirectory {
  private readonly known = new Map<string, StreamCard>([
    [HALL, { private: false, deleted: false }],
    [VAULT, { private: true, deleted: false }],
    [GONE, { private: false, deleted: true }],
  ]);
  /** While set, it does not answer before it settles. */
  gate: Promise<void> | null = null;

  constructor() {
    super(undefined as never); // nothing of the real one is used
  }

  override async getMany(streamIds: readonly string[]): Promise<Map<string, StreamCard>> {
    await (this.gate ?? Promise.resolve());
    return new Map([...this.known].filter(([id]) => streamIds.includes(id)));
  }
}

describe(Subscriptions.name, () => {
  let reads: FakeFeedReads;
  let hydrator: FakeFeedHydrator;
  let rings: FakeFeedRings;
  let hub: FeedHub;
  let directory: FakeDirectory;
  let figures: FakeQueueFigures;
  let subscriptions: Subscriptions;
  let newest: NewestIds;

  /** Nobody here watches it. */
  const health = new StreamHealth({ judged: () => Promise.reject(new Error('Nobody asked')) } as never);

  const unasked = new StatusTicker({ now: () => Promise.reject(new Error('Nobody asked')) } as never);

  beforeEach(async () => {
    vi.useFakeTimers();
    vi.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    reads = new FakeFeedReads();
    hydrator = new FakeFeedHydrator();
    hydrator.privateStreams.add(VAULT);
    rings = new FakeFeedRings();
    hub = new FeedHub(reads, hydrator, rings);
    directory = new FakeDirectory();
    figures = new FakeQueueFigures();
    newest = { newestId: '7', newestOpenId: '5' };
    const tickers = [
      new QueueTicker(figures),
      new HealthTicker(health, directory),
      unasked,
      new EventTicker({ ids: () => Promise.resolve(newest) } as never),
    ] as const;
    subscriptions = new Subscriptions(hub, directory, ...tickers);
    subscriptions.onModuleInit();
    // Rows 1 to 5 are older than what the hub remembers.
    for (let i = 0; i < 5; i++) reads.write('segment.ready', HALL);
    await hub.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(15);
  });
  afterEach(async () => {
    subscriptions.onApplicationShutdown();
    await hub.onApplicationShutdown();
    vi.useRealTimers();
  });

  const client = (owner: TokenOwner = ADMIN): { client: LiveClient; socket: FakeSocket; owner: TokenOwner } => {
    const socket = new FakeSocket();
    const made = new LiveClient(socket.asWebSocket, '192.0.2.1');
    made.owner = owner;
    return { client: made, socket, owner };
  };
  type Peer = ReturnType<typeof client>;
  const subscribe = (peer: Peer, topics: readonly string[], cursor?: string) =>
    subscriptions.subscribe(peer.client, peer.owner, topics, cursor);
  /** Writes rows and has the hub hand them on. */
  const happen = async (...rows: readonly (readonly [kind: string, streamId: string | null])[]): Promise<void> => {
    for (const [kind, streamId] of rows) reads.write(kind, streamId);
    rings.ring();
    await vi.advanceTimersByTimeAsync(15);
  };
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
  const types = ({ socket }: Peer): unknown[] => socket.sent.map(({ type }) => type);
  /** Ids of the entries it was sent, in order. */
  const entries = ({ socket }: Peer): unknown[] => socket.sent.filter(({ type }) => type === 'cursor').map(({ cursor }) => cursor);

  describe('what a client may have', () => {
    const answer = async (owner: TokenOwner, ...topics: string[]) => {
      const peer = client(owner);
      await subscribe(peer, topics);
      return { topics: peer.socket.sent.at(-1)!['topics'], refused: peer.socket.sent.filter(({ type }) => type === 'error') };
    };

    it('is all public streams and what concerns all, once each, in the order it asked', async () => {
      const wanted = ['queues', topic(HALL), 'streams', topic(HALL), 'runs'];
      expect(await answer(VIEWER, ...wanted)).toEqual({ topics: ['queues', topic(HALL), 'streams', 'runs'], refused: [] });
    });

    it('is private streams for admins, and for viewers a refusal that says no more than for a stream that is not', async () => {
      expect(await answer(ADMIN, topic(VAULT))).toEqual({ topics: [topic(VAULT)], refused: [] });
      const nowhere = topic('00000000-0000-4000-8000-00000000ffff');
      const refusals = await answer(VIEWER, topic(VAULT), topic(HALL), nowhere);
      expect(refusals.topics).toEqual([topic(HALL)]);
      const [forVault, forNowhere] = refusals.refused.map((error) => JSON.stringify(error));
      expect(forVault!.replaceAll(VAULT, '?')).toBe(forNowhere!.replaceAll(nowhere.slice('stream:'.length), '?'));
      expect(refusals.refused[0]).toMatchObject({ code: 'VD_API_TOPIC_REFUSED', message: expect.stringContaining(topic(VAULT)) as string });
    });

    it.each([topic(GONE), 'stream:', `stream:${HALL} `, `stream:${HALL.toUpperCase()}x`, 'feed', ''])('is never %j', async (name) => {
      const { topics, refused } = await answer(ADMIN, name);
      expect([topics, refused.length]).toEqual([[], 1]);
    });
  });

  it('sends what happens under the topics of a client, once, in the form its role may see', async () => {
    const [all, viewer, stranger] = [client(), client(VIEWER), client(VIEWER)];
    await subscribe(all, ['runs', topic(HALL), topic(VAULT)]);
    await subscribe(viewer, ['runs', topic(HALL)]);
    await subscribe(stranger, ['streams']);
    await happen(['run.finished', HALL], ['run.finished', VAULT], ['segment.ready', HALL], ['stream.changed', HALL]);
    expect(entries(all)).toEqual(['6', '7', '8', '9']);
    expect(entries(viewer)).toEqual(['6', '8', '9']); // of the private stream's run it hears nothing, though it is among the runs
    expect(entries(stranger)).toEqual(['9']);
  });

  it('replaces topics, and forgets who has left', async () => {
    const peer = client();
    await subscribe(peer, [topic(HALL)]);
    await subscribe(peer, ['streams']);
    await happen(['segment.ready', HALL], ['stream.changed', VAULT]);
    expect(entries(peer)).toEqual(['7']);
    subscriptions.leave(peer.client);
    await happen(['stream.changed', VAULT]);
    expect(entries(peer)).toEqual(['7']);
  });

  it('hears no more after the end', async () => {
    const peer = client();
    await subscribe(peer, [topic(HALL)]);
    subscriptions.onApplicationShutdown();
    await happen(['segment.ready', HALL]);
    expect(entries(peer)).toEqual([]);
  });

  describe('a client that comes back', () => {
    it('begins at the present without a cursor', async () => {
      const peer = client();
      await subscribe(peer, [topic(HALL)]);
      await settle();
      expect(peer.socket.sent).toEqual([{ type: 'subscribed', topics: [topic(HALL)], cursor: cursorOf(5) }]);
    });

    it('gets what it missed from memory, then what happens, without a hole or a duplicate', async () => {
      await happen(['segment.ready', HALL], ['segment.ready', VAULT], ['segment.ready', HALL]);
      const peer = client();
      await subscribe(peer, [topic(HALL)], cursorOf(6));
      await happen(['segment.ready', HALL]);
      expect(types(peer)[0]).toBe('subscribed');
      expect([peer.socket.sent[0]!['cursor'], entries(peer)]).toEqual([cursorOf(6), ['8', '9']]);
    });

    it('gets what is older than memory from the database, only its topics, while the feed goes on', async () => {
      await happen(['segment.ready', VAULT]);
      const peer = client();
      const { promise, resolve } = Promise.withResolvers<void>();
      await subscribe(peer, [topic(HALL)], cursorOf(2));
      reads.gate = promise;
      await happen(['segment.ready', HALL]);
      resolve();
      reads.gate = null;
      await vi.advanceTimersByTimeAsync(15);
      await happen(['segment.ready', HALL]);
      expect(entries(peer)).toEqual(['3', '4', '5', '7', '8']);
    });

    it('waits while its socket is full, and then gets all that came meanwhile', async () => {
      const peer = client();
      peer.socket.bufferedAmount = FULL_BYTES;
      await subscribe(peer, [topic(HALL)], cursorOf(3));
      await happen(['segment.ready', HALL]);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(types(peer)).toEqual(['subscribed']);
      peer.socket.bufferedAmount = 0;
      await vi.advanceTimersByTimeAsync(20);
      await happen(['segment.ready', HALL]);
      expect([entries(peer), peer.socket.closedWith]).toEqual([['4', '5', '6', '7'], null]);
    });

    it('is cut off when its socket stays full', async () => {
      const peer = client();
      peer.socket.bufferedAmount = FULL_BYTES;
      await subscribe(peer, [topic(HALL)], cursorOf(3));
      await vi.advanceTimersByTimeAsync(31_000);
      expect([entries(peer), peer.socket.closedWith?.code]).toEqual([[], 4408]);
    });

    it.each([
      ['nonsense', 'yesterday', 'The cursor is not one of ours'],
      ['taken by retention', cursorOf(2), 'The feed no longer reaches back to the cursor'],
      ['of another database', cursorOf(999), 'The feed no longer reaches back to the cursor'],
    ])('is told to fetch afresh when its cursor is %s', async (_, cursor, reason) => {
      reads.forgetBefore(4);
      const peer = client();
      await subscribe(peer, [topic(HALL)], cursor);
      await happen(['segment.ready', HALL]);
      expect(peer.socket.sent).toMatchObject([
        { type: 'reset', cursor: cursorOf(5), reason },
        { type: 'subscribed', cursor: cursorOf(5) },
        { type: 'cursor', cursor: '6' },
      ]);
    });

    it('gets nothing twice that another server, ahead of this one, has sent it', async () => {
      for (let i = 0; i < 3; i++) reads.write('segment.ready', HALL); // 6 to 8 are committed; this hub has not read them
      const peer = client();
      await subscribe(peer, [topic(HALL)], cursorOf(7));
      await settle();
      await happen(['segment.ready', HALL]);
      expect(entries(peer)).toEqual(['8', '9']);
    });

    it('is asked to try again when what it missed cannot be read', async () => {
      const peer = client();
      const { promise, resolve } = Promise.withResolvers<void>();
      reads.gate = promise;
      await subscribe(peer, [topic(HALL)], cursorOf(2));
      reads.down = new Error('the database is away');
      resolve();
      await settle();
      expect(peer.socket.closedWith).toEqual({ code: 1011, reason: 'Try again' });
    });
  });

  describe('a client that changes its mind', () => {
    it('gets the topics it asked for last, whichever was looked up first', async () => {
      const peer = client();
      const { promise, resolve } = Promise.withResolvers<void>();
      directory.gate = promise;
      const first = subscribe(peer, [topic(VAULT)]);
      directory.gate = null;
      await subscribe(peer, [topic(HALL)]);
      resolve();
      await first;
      await happen(['segment.ready', VAULT], ['segment.ready', HALL]);
      expect(types(peer)).toEqual(['subscribed', 'cursor']);
      expect(entries(peer)).toEqual(['7']);
    });

    it('is not sent what an earlier subscription still had to catch up', async () => {
      const peer = client();
      const { promise, resolve } = Promise.withResolvers<void>();
      reads.gate = promise;
      await subscribe(peer, [topic(HALL)], cursorOf(1));
      await settle();
      await subscribe(peer, ['streams']);
      reads.gate = null;
      resolve();
      await settle();
      expect(entries(peer)).toEqual([]);
    });

    it('and goes away while it is looked up, is not put among the others', async () => {
      const peer = client();
      const { promise, resolve } = Promise.withResolvers<void>();
      directory.gate = promise;
      const asked = subscribe(peer, [topic(HALL)]);
      peer.socket.close(1000, 'bye');
      resolve();
      await asked;
      expect([peer.socket.sent, peer.client.live]).toEqual([[], false]);
    });
  });

  describe('queue figures', () => {
    const QUEUE = { name: 'default', waiting: 3 } as FakeQueueFigures['queues'][number];

    it('are read while somebody watches, sent when they change, and at once to whoever joins', async () => {
      figures.queues = [QUEUE];
      await vi.advanceTimersByTimeAsync(5_000);
      expect(figures.reads).toBe(0);
      const [first, second] = [client(), client()];
      await subscribe(first, ['queues']);
      await vi.advanceTimersByTimeAsync(3_000);
      expect([figures.reads, types(first)]).toEqual([4, ['subscribed', 'queues']]);
      await subscribe(second, ['queues', topic(HALL)]);
      expect(types(second)).toEqual(['subscribed', 'queues']);
      figures.queues = [{ ...QUEUE, waiting: 4 }];
      await vi.advanceTimersByTimeAsync(1_000);
      expect(second.socket.sent.at(-1)).toEqual({ type: 'queues', queues: [{ name: 'default', waiting: 4 }] });
      for (const peer of [first, second]) subscriptions.leave(peer.client);
      const before = figures.reads;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(figures.reads).toBe(before);
    });
  });

  it('tells of new events to each role of those that it may see, and of nothing else of them', async () => {
    const [admin, viewer] = [client(), client(VIEWER)];
    await subscribe(admin, ['events']);
    await subscribe(viewer, ['events']);
    await vi.advanceTimersByTimeAsync(2_000);
    newest = { newestId: '8', newestOpenId: '5' };
    await vi.advanceTimersByTimeAsync(1_000);
    const told = ({ socket }: Peer) => socket.sent.filter(({ type }) => type === 'events').map(({ newestId }) => newestId);
    expect([told(admin), new Set(told(viewer))]).toEqual([['7', '8'], new Set(['5'])]);
  });
});
