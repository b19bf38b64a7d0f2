import { InjectionToken, type Provider } from '@angular/core';
import { ApiClient } from '../api/api-client';
import { BrandsState } from './brands-state';
import { Dashboard } from './dashboard';
import { LiveFeed, type FeedSocket } from './live-feed';
import { Notices } from './notices';
import { PlacementState } from './placement-state';
import { PlayerClock } from './player-clock';
import { SessionState } from './session-state';
import { everyWhileVisible, type Sight } from './visible-timer';

/** Address of the WebSocket, from the page's own. */
export const FEED_URL = new InjectionToken<string>('feed-url', {
  providedIn: 'root',
  factory: () => new URL('/ws', location.href).href.replace(/^http/, 'ws'),
});

const sight: Sight = {
  visible: () => document.visibilityState === 'visible',
  onChange: (run) => {
    document.addEventListener('visibilitychange', run);
    return () => document.removeEventListener('visibilitychange', run);
  },
  now: () => Date.now(),
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};
const now = sight.now;
const every = (periodMs: number, run: () => void): (() => void) => everyWhileVisible(sight, periodMs, run);

/** The plain state classes, wired to the browser. */
export function provideDashboard(): Provider[] {
  return [
    { provide: ApiClient, useFactory: () => new ApiClient() },
    { provide: Notices, useFactory: () => new Notices() },
    { provide: PlayerClock, useFactory: () => new PlayerClock() },
    { provide: BrandsState, useFactory: (api: ApiClient, notices: Notices) => new BrandsState(api, notices), deps: [ApiClient, Notices] },
    { provide: SessionState, useFactory: (api: ApiClient) => new SessionState(api), deps: [ApiClient] },
    {
      provide: LiveFeed,
      deps: [FEED_URL],
      useFactory: (url: string) => {
        const feed = new LiveFeed({
          open: () => new WebSocket(url) as FeedSocket,
          now: () => Date.now(),
          random: () => Math.random(),
          after: (delayMs, run) => {
            const timer = setTimeout(run, delayMs);
            return () => clearTimeout(timer);
          },
        });
        addEventListener('online', () => feed.retryNow());
        document.addEventListener('visibilitychange', () => {
          if (document.visibilityState === 'visible') feed.retryNow();
        });
        return feed;
      },
    },
    {
      provide: Dashboard,
      deps: [ApiClient, LiveFeed, Notices, SessionState, PlayerClock],
      useFactory: (api: ApiClient, feed: LiveFeed, notices: Notices, session: SessionState, clock: PlayerClock) =>
        new Dashboard({
          api,
          feed,
          notices,
          session,
          clock,
          now,
          every,
        }),
    },
    { provide: PlacementState, useFactory: (api: ApiClient) => new PlacementState({ api, now, every }), deps: [ApiClient] },
  ];
}
