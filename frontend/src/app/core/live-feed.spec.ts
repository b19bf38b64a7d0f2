import { beforeEach, describe, expect, it } from 'vitest';
import type { ServerMessage } from '../api/models';
import { LiveFeed, retryDelayMs, type FeedSocket } from './live-feed';

class FakeSocket implements FeedSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;
  send(text: string): void {
    if (this.closed) throw new Error('the socket is closed');
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  hello(cursor: string): void {
    this.say({ type: 'hello', cursor, serverTime: '2026-11-23T10:00:05.000Z' });
  }
  drop(code = 1006): void {
    this.onclose?.({ code });
  }
}

let sockets: FakeSocket[];
let timers: { due: number; run: () => void; cancelled: boolean }[];
let nowMs: number;
let heard: ServerMessage[];
let feed: LiveFeed;

function advance(ms: number): void {
  const end = nowMs + ms;
  for (;;) {
    const next = timers.filter((timer) => !timer.cancelled && timer.due <= end).sort((a, b) => a.due - b.due)[0];
    if (!next) break;
    timers.splice(timers.indexOf(next), 1);
    nowMs = next.due;
    next.run();
  }
  nowMs = end;
}
const latest = (): FakeSocket => sockets.at(-1)!;

beforeEach(() => {
  sockets = [];
  timers = [];
  heard = [];
  nowMs = Date.parse('2026-11-23T10:00:00.000Z');
  feed = new LiveFeed({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    now: () => nowMs,
    random: () => 0.5,
    after: (delayMs, run) => {
      const timer = { due: nowMs + delayMs, run, cancelled: false };
      timers.push(timer);
      return () => (timer.cancelled = true);
    },
  });
  feed.listen((message) => heard.push(message));
  feed.setTopics(['streams', 'stream:a']);
  feed.start();
});

describe(LiveFeed.name, () => {
  it('subscribes after the greeting, without a cursor the first time', () => {
    expect(latest().sent).toEqual([]);
    latest().hello('1.5');
    expect(latest().sent).toEqual([{ type: 'subscribe', topics: ['streams', 'stream:a'] }]);
    expect(feed.state()).toBe('open');
    expect(feed.clockSkewMs()).toBe(5_000);
  });

  it('resumes after the last message it heard, not after the new greeting', () => {
    latest().hello('1.5');
    latest().say({ type: 'stream.removed', cursor: '1.9', streamId: 'x' });
    latest().drop();
    expect(feed.state()).toBe('waiting');
    advance(20_000);
    latest().hello('1.30');
    expect(latest().sent).toEqual([{ type: 'subscribe', topics: ['streams', 'stream:a'], cursor: '1.9' }]);
  });

  it('resumes from the first greeting when nothing was heard in between', () => {
    latest().hello('1.5');
    latest().drop();
    advance(20_000);
    latest().hello('1.30');
    expect(latest().sent[0]).toMatchObject({ cursor: '1.5' });
  });

  it('goes on from the cursor of a reset', () => {
    latest().hello('1.5');
    latest().say({ type: 'reset', cursor: '2.0', reason: 'too old' });
    expect(heard.at(-1)?.type).toBe('reset');
    expect(feed.position).toBe('2.0');
  });

  it('moves its cursor on with messages that only say so', () => {
    latest().hello('1.5');
    latest().say({ type: 'cursor', cursor: '1.77' });
    expect(feed.position).toBe('1.77');
  });

  it('backs off further with every failed attempt and starts over once greeted', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7].map(() => {
      latest().drop();
      const delay = feed.retryAtMs()! - nowMs;
      advance(delay);
      return delay;
    });
    expect(delays).toEqual([375, 750, 1500, 3000, 6000, 11250, 11250, 11250]);
    latest().hello('1.1');
    latest().drop();
    expect(feed.retryAtMs()! - nowMs).toBe(375);
  });

  it('spreads the return of many clients', () => {
    expect(retryDelayMs(3, 0)).toBe(2_000);
    expect(retryDelayMs(3, 1)).toBe(4_000);
    expect(retryDelayMs(40, 1)).toBe(15_000);
  });

  it('notices a connection that is silent although nobody closed it', () => {
    latest().hello('1.5');
    const first = latest();
    advance(70_000);
    expect(first.closed).toBe(true);
    expect(first.sent).toContainEqual({ type: 'ping' });
    expect(sockets.length).toBeGreaterThan(1);
  });

  it('keeps a connection that answers its pings', () => {
    latest().hello('1.5');
    const first = latest();
    for (let i = 0; i < 100; i++) {
      advance(1_000);
      first.say({ type: 'pong' });
      expect(feed.lostSinceMs()).toBeNull();
    }
    expect(sockets).toHaveLength(1);
  });

  it('tells within two seconds that the server is silent, since when, and when it is back', () => {
    latest().hello('1.5');
    advance(400);
    latest().say({ type: 'pong' });
    const heardMs = nowMs;
    advance(2_000);
    expect(feed.lostSinceMs()).toBe(heardMs);
    expect(feed.state()).toBe('open');
    latest().say({ type: 'pong' });
    expect(feed.lostSinceMs()).toBeNull();
    latest().drop();
    expect(feed.lostSinceMs()).toBe(nowMs);
    advance(20_000);
    latest().hello('1.5');
    expect(feed.lostSinceMs()).toBeNull();
  });

  it('believes a browser that says it is offline, until it hears the server', () => {
    latest().hello('1.5');
    feed.suspect();
    expect(feed.lostSinceMs()).toBe(nowMs);
    expect(latest().sent.at(-1)).toEqual({ type: 'ping' });
    latest().say({ type: 'pong' });
    expect(feed.lostSinceMs()).toBeNull();
  });

  it('does not take a page that slept for a server that is silent', () => {
    latest().hello('1.5');
    nowMs += 60_000; // no timer ran
    timers
      .filter(({ cancelled }) => !cancelled)
      .at(-1)!
      .run();
    expect(feed.lostSinceMs()).toBeNull();
    expect(latest().sent.at(-1)).toEqual({ type: 'ping' });
    latest().say({ type: 'pong' });
    advance(400);
    expect([feed.lostSinceMs(), sockets.length]).toEqual([null, 1]);
  });

  it('says when the server refuses it, so that the session can be checked', () => {
    let refused = 0;
    feed.onRefused = () => refused++;
    latest().drop(4401);
    expect(refused).toBe(1);
    advance(20_000);
    latest().hello('1.1');
    latest().drop(1006);
    expect(refused).toBe(1);
  });

  it('changes topics in place, without asking for the past', () => {
    latest().hello('1.5');
    feed.setTopics(['streams', 'stream:b']);
    expect(latest().sent.at(-1)).toEqual({ type: 'subscribe', topics: ['streams', 'stream:b'] });
  });

  it('retries at once when told that the network is back', () => {
    latest().drop();
    const before = sockets.length;
    feed.retryNow();
    expect(sockets).toHaveLength(before + 1);
    latest().hello('1.1');
    for (let i = 0; i < 15; i++) {
      advance(1_000);
      latest().say({ type: 'pong' });
    }
    expect(sockets).toHaveLength(before + 1);
  });

  it('ignores what a replaced socket still says', () => {
    const old = latest();
    const deliver = old.onmessage!;
    latest().drop();
    advance(20_000);
    deliver({ data: JSON.stringify({ type: 'stream.removed', cursor: '9.9', streamId: 'x' }) });
    expect(feed.position).toBeNull();
  });

  it('survives a message it cannot read', () => {
    latest().hello('1.5');
    latest().onmessage?.({ data: '<html>' });
    expect(feed.state()).toBe('open');
  });

  it('stays closed once stopped', () => {
    latest().hello('1.5');
    feed.stop();
    advance(120_000);
    expect(sockets).toHaveLength(1);
    expect(feed.position).toBeNull();
  });
});
