import { signal } from '@angular/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiClient } from '../api/api-client';
import type { ServerMessage } from '../api/models';
import { T0, aSegment, aStream } from '../testing/wire-samples';
import { Dashboard } from './dashboard';
import type { FeedState, LiveFeed } from './live-feed';
import { Notices } from './notices';
import { PlayerClock } from './player-clock';
import type { SessionState } from './session-state';

let topics: string[][];
let say: (message: ServerMessage) => void;
let asked: string[];
let timers: { periodMs: number; run: () => void }[];
let feedState: ReturnType<typeof signal<FeedState>>;
let notices: Notices;
let dashboard: Dashboard;
let fail: Error | null;

beforeEach(() => {
  topics = [];
  asked = [];
  timers = [];
  fail = null;
  feedState = signal<FeedState>('open');
  notices = new Notices(() => undefined);
  const answer = async <T>(name: string, value: T): Promise<T> => {
    asked.push(name);
    if (fail) throw fail;
    return value;
  };
  const feed: Partial<LiveFeed> = {
    state: feedState,
    clockSkewMs: signal(0),
    lostSinceMs: signal(null),
    listen: (listener) => {
      say = listener;
      return () => true;
    },
    setTopics: (wanted) => void topics.push([...wanted]),
    start: () => undefined,
    stop: () => undefined,
  };
  const api = {
    streams: () => answer('streams', [{ ...aStream(), health: { status: 'good', issues: [] } }]),
    queues: () => answer('queues', []),
    plugins: () => answer('plugins', []),
    system: () => answer('system', { version: '0' }),
    pages: (_: string, collection: string) => answer(collection, collection === 'segments' ? [aSegment(0)] : []),
  };
  dashboard = new Dashboard({
    api: api as unknown as ApiClient,
    feed: feed as LiveFeed,
    session: { check: async () => undefined } as unknown as SessionState,
    notices,
    clock: new PlayerClock(),
    now: () => T0,
    every: (periodMs, run) => {
      timers.push({ periodMs, run });
      return () => undefined;
    },
  });
});

describe(Dashboard.name, () => {
  it('hears of a topic more for as long as somebody follows it', () => {
    dashboard.start();
    const stops = [dashboard.follow('events'), dashboard.follow('events')];
    const has = (): boolean => topics.at(-1)!.includes('events');
    const heard = [has(), ...stops.map((stop) => (stop(), has()))];
    expect(heard).toEqual([true, true, false]);
    expect(topics.at(-2)!.filter((topic) => topic === 'events')).toEqual(['events']);
  });

  it('asks for the topics of the stream on show, and fetches its past once the server has subscribed it', async () => {
    dashboard.start();
    dashboard.select('front-gate');
    await expect.poll(() => topics.at(-1)).toEqual(['streams', 'health', 'status', 'queues', 'stream:stream-1']);
    expect(asked).not.toContain('segments');
    say({ type: 'subscribed', topics: ['streams', 'queues', 'stream:stream-1'], cursor: '1' });
    await expect.poll(() => dashboard.view()?.segments.size).toBe(1);
  });

  it('shows a stream that is named in the address before it exists as soon as it comes', async () => {
    dashboard.start();
    dashboard.select('later');
    await expect.poll(() => dashboard.streams.loaded()).toBe(true);
    expect(dashboard.view()).toBeNull();
    say({ type: 'stream.changed', cursor: '1', stream: aStream({ id: 'stream-9', name: 'later' }) });
    expect(dashboard.view()?.streamId).toBe('stream-9');
  });

  it('fetches everything afresh after a reset', async () => {
    dashboard.start();
    dashboard.select('front-gate');
    await expect.poll(() => dashboard.view()).not.toBeNull();
    asked.length = 0;
    say({ type: 'reset', cursor: '9', reason: 'too old' });
    await expect.poll(() => asked).toEqual(expect.arrayContaining(['streams', 'queues', 'segments', 'events']));
    // What was found is fetched from the frame on that is shown.
    dashboard.view()!.around(T0);
    expect(asked).toEqual(expect.arrayContaining(['runs', 'detections', 'observations']));
  });

  it('shows the past of a stream without a socket too', async () => {
    feedState.set('waiting');
    dashboard.start();
    dashboard.select('front-gate');
    await expect.poll(() => dashboard.view()).not.toBeNull();
    timers.find((timer) => timer.periodMs === 1_500)!.run();
    await expect.poll(() => dashboard.view()?.segments.size).toBe(1);
  });

  it('reports a failed fetch with code and fix, once', async () => {
    fail = new Error('down');
    dashboard.start();
    await expect.poll(() => notices.list().length).toBe(1);
    say({ type: 'reset', cursor: '9', reason: 'too old' });
    await expect.poll(() => asked.filter((name) => name === 'streams').length).toBe(2);
    expect(notices.list()).toHaveLength(1);
  });

  it('keeps nothing of one session for the next', async () => {
    dashboard.start();
    dashboard.select('front-gate');
    await expect.poll(() => dashboard.view()).not.toBeNull();
    dashboard.stop();
    expect(dashboard.view()).toBeNull();
    expect(dashboard.streams.list()).toEqual([]);
    expect(dashboard.running).toBe(false);
  });
});
