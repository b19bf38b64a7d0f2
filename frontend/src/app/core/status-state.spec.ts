import { signal } from '@angular/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HealthWire, StatusCauseWire } from '../api/models';
import type { FeedState } from './live-feed';
import { StatusState } from './status-state';

const cause = (code: StatusCauseWire['code']): StatusCauseWire => ({
  ...{ code, level: 'bad', text: 'Something', fix: 'mend it', params: {}, since: null, stream: null, analyzer: null, acknowledge: null },
});
const WELL: HealthWire = { status: 'ok', reasons: [], issues: [] };

describe(StatusState.name, () => {
  let feed: { state: ReturnType<typeof signal<FeedState>>; lostSinceMs: ReturnType<typeof signal<number | null>> };
  let status: StatusState;
  beforeEach(() => {
    feed = { state: signal<FeedState>('connecting'), lostSinceMs: signal<number | null>(null) };
    status = new StatusState(feed);
  });
  const say = (...causes: StatusCauseWire[]): void =>
    status.apply({ type: 'status', level: causes[0]?.level ?? 'good', text: 'A sentence', causes });

  it('knows nothing before the server has said something, and does not call that good', () => {
    expect(status.now()).toMatchObject({ by: 'page', level: 'unknown', cause: 'connecting' });
    feed.state.set('open');
    expect(status.now().level).toBe('unknown');
    say();
    expect(status.now()).toEqual({ by: 'server', level: 'good', causes: [] });
  });

  it('says nothing good any more as soon as the server is silent, and what answers in its place', async () => {
    feed.state.set('open');
    say();
    feed.lostSinceMs.set(7);
    expect(status.now()).toEqual({ by: 'page', level: 'bad', cause: 'no-answer', sinceMs: 7 });
    expect([status.contact(), status.isCurrent()]).toEqual(['lost', false]);
    await status.askAround(() => Promise.resolve(WELL));
    expect(status.now()).toMatchObject({ by: 'page', cause: 'no-feed' });
    const issues: HealthWire['issues'] = [{ code: 'database-unreachable', reason: 'The database cannot be reached', fix: 'look' }];
    await status.askAround(() => Promise.resolve({ status: 'unavailable', reasons: ['database-unreachable'], issues }));
    expect(status.now()).toEqual({ by: 'health', level: 'bad', issues, sinceMs: 7 });
    await status.askAround(() => Promise.reject(new Error('gone')));
    expect(status.now()).toMatchObject({ cause: 'no-answer' });
    feed.lostSinceMs.set(null);
    expect(status.now().level).toBe('good');
  });

  it('takes what is shown for old while the server cannot hear its database', () => {
    feed.state.set('open');
    say(cause('no-worker'));
    expect(status.isCurrent()).toBe(true);
    say(cause('database-unreachable'));
    expect(status.isCurrent()).toBe(false);
  });

  it('forgets what was said to somebody else', () => {
    feed.state.set('open');
    say();
    status.clear();
    expect(status.now().level).toBe('unknown');
  });
});
