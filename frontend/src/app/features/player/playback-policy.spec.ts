import { signal } from '@angular/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StreamWire } from '../../api/models';
import type { DisplayedFrame } from '../../core/player-clock';
import { anEpoch, aStream } from '../../testing/wire-samples';
import type { EngineState } from './hls-engine';
import { DRIFT_LIMIT_SECONDS, ENOUGH_US, PLAYED_OUT_MS, PlaybackPolicy } from './playback-policy';

const URL = '/streaming/stream-1/live.m3u8';

describe(PlaybackPolicy.name, () => {
  let stream: ReturnType<typeof signal<StreamWire>>;
  let lengthUs: Record<string, number>;
  let revision: ReturnType<typeof signal<number>>;
  let engine: { state: ReturnType<typeof signal<EngineState>>; loadedUrl: string | null; behindLiveSeconds: number };
  let shown: ReturnType<typeof signal<DisplayedFrame | null>>;
  let following: ReturnType<typeof signal<boolean>>;
  let done: string[];
  let past: ReturnType<typeof signal<{ url: string; start: { atMs: number } } | null>>;
  let timers: { delayMs: number; run: () => void }[];
  let policy: PlaybackPolicy;

  beforeEach(() => {
    stream = signal(aStream());
    lengthUs = { 'epoch-1': ENOUGH_US };
    revision = signal(0);
    engine = { state: signal<EngineState>('idle'), loadedUrl: null, behindLiveSeconds: 0 };
    shown = signal<DisplayedFrame | null>(null);
    following = signal(true);
    past = signal<{ url: string; start: { atMs: number } } | null>(null);
    done = [];
    timers = [];
    policy = new PlaybackPolicy({
      stream,
      past,
      view: signal({ revision, segments: { lengthUs: (epochId: string) => lengthUs[epochId] ?? 0 } as never }),
      engine: signal({
        state: engine.state,
        get loadedUrl() {
          return engine.loadedUrl;
        },
        get behindLiveSeconds() {
          return engine.behindLiveSeconds;
        },
        load: async (url, startAtMs) => void done.push(`load ${url}${startAtMs == null ? '' : ` at ${startAtMs}`}`),
        awaitMedia: (url) => void done.push(`await ${url}`),
        unload: () => void done.push('unload'),
        goLive: () => void done.push('live'),
      }),
      shown,
      following,
      clearOverlay: () => void done.push('clear'),
      after: (delayMs, run) => {
        const timer = { delayMs, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    });
  });
  const showing = (epochId: string): void => shown.set({ streamId: 'stream-1', epochId, sequence: 3, ptsUs: 0, atMs: 0 });

  it('waits for media of an epoch that has too little, and loads it as soon as there is enough', () => {
    lengthUs['epoch-1'] = ENOUGH_US - 1;
    policy.open(policy.source());
    lengthUs['epoch-1'] = ENOUGH_US;
    revision.update((n) => n + 1);
    policy.open(policy.source());
    expect(done).toEqual([`await ${URL}`, `load ${URL}`]);
  });

  it('loads nothing twice, but tries again what failed', () => {
    engine.loadedUrl = URL;
    engine.state.set('playing');
    policy.open(policy.source());
    expect(done).toEqual([]);
    engine.state.set('failed');
    policy.open(policy.source());
    expect(done).toEqual([`load ${URL}`]);
  });

  it('has no source while the stream is not live', () => {
    stream.set(aStream({ state: 'retrying' }));
    expect(policy.source()).toBeNull();
    policy.open(policy.source());
    expect(done).toEqual([]);
  });

  it('goes on to the next epoch once the picture stands at the end of the one before', () => {
    showing('epoch-1');
    stream.set(aStream({ epoch: anEpoch({ id: 'epoch-2' }) }));
    lengthUs['epoch-2'] = ENOUGH_US;
    engine.state.set('playing');
    expect(policy.nextEpochUrl()).toBeNull();
    engine.state.set('buffering');
    policy.goOnTo(policy.nextEpochUrl());
    expect(done).toEqual(['clear', `load ${URL}`]);
    showing('epoch-2');
    expect(policy.nextEpochUrl()).toBeNull();
  });

  it('stays where it is while the next epoch has too little to play', () => {
    showing('epoch-1');
    stream.set(aStream({ epoch: anEpoch({ id: 'epoch-2' }) }));
    engine.state.set('ended');
    expect(policy.nextEpochUrl()).toBeNull();
  });

  it('shows the offline view when a stream that ended has played out', () => {
    engine.state.set('playing');
    stream.set(aStream({ state: 'retrying' }));
    policy.playOut();
    expect([policy.isEnding(), policy.isOffline(), timers.length]).toEqual([true, false, 0]);
    engine.state.set('buffering');
    policy.playOut();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([PLAYED_OUT_MS]);
    timers[0]!.run();
    expect(done).toEqual(['unload', 'clear']);
    engine.state.set('idle');
    expect(policy.isOffline()).toBe(true);
  });

  it('goes on when the stream comes back in time', () => {
    engine.state.set('buffering');
    stream.set(aStream({ state: 'retrying' }));
    policy.playOut();
    stream.set(aStream());
    policy.playOut();
    expect(timers).toEqual([]);
  });

  it('returns to the live edge only for somebody who follows it', () => {
    engine.behindLiveSeconds = DRIFT_LIMIT_SECONDS + 1;
    engine.state.set('playing');
    following.set(false);
    policy.catchUp();
    following.set(true);
    engine.state.set('paused');
    policy.catchUp();
    expect(done).toEqual([]);
    engine.state.set('playing');
    policy.catchUp();
    expect(done).toEqual(['live']);
    engine.behindLiveSeconds = DRIFT_LIMIT_SECONDS;
    policy.catchUp();
    expect(done).toEqual(['live']);
  });

  it('plays the past while it is asked for, live or not, and neither calls it offline nor follows the edge', () => {
    stream.set(aStream({ state: 'stopped' }));
    expect(policy.isOffline()).toBe(true);
    past.set({ url: '/streaming/stream-1/dvr.m3u8?from=1', start: { atMs: 5 } });
    expect([policy.isOffline(), policy.isEnding()]).toEqual([false, false]);
    policy.open(policy.source());
    expect(done).toEqual(['load /streaming/stream-1/dvr.m3u8?from=1 at 5']);
    engine.state.set('ended');
    showing('epoch-0');
    expect(policy.nextEpochUrl()).toBeNull();
    past.set(null);
    expect(policy.source()).toBeNull();
  });
});
