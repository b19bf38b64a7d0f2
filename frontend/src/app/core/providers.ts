import { APP_BASE_HREF } from '@angular/common';
import { inject, InjectionToken, type Provider } from '@angular/core';
import { ApiClient } from '../api/api-client';
import { Dashboard } from './dashboard';
import { LiveFeed, type FeedSocket } from './live-feed';
import { Notices } from './notices';
import { PAGE_CLOCK, type PageClock } from './page-clock';
import { PlayerClock } from './player-clock';
import { SERVER_URL } from './server-address';
import { SessionState } from './session-state';

/** Address of the WebSocket. */
export const FEED_URL = new InjectionToken<string>('feed-url', {
  providedIn: 'root',
  factory: () => `${inject(SERVER_URL).replace(/^http/, 'ws')}/ws`,
});

/** The plain state classes, wired to the browser. */
export function provideDashboard(): Provider[] {
  return [
    // The base of the page is relative; the router wants it from the root of the site.
    { provide: APP_BASE_HREF, useFactory: (url: string) => `${new URL(url).pathname.replace(/\/$/, '')}/`, deps: [SERVER_URL] },
    { provide: ApiClient, useFactory: (url: string) => new ApiClient(url), deps: [SERVER_URL] },
    { provide: Notices, useFactory: () => new Notices() },
    { provide: PlayerClock, useFactory: () => new PlayerClock() },
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
        addEventListener('offline', () => feed.suspect());
        document.addEventListener('visibilitychange', () => {
          if (document.visibilityState === 'visible') feed.retryNow();
        });
        return feed;
      },
    },
    {
      provide: Dashboard,
      deps: [ApiClient, LiveFeed, Notices, SessionState, PlayerClock, PAGE_CLOCK],
      useFactory: (api: ApiClient, feed: LiveFeed, notices: Notices, session: SessionState, clock: PlayerClock, time: PageClock) =>
        new Dashboard({ api, feed, notices, session, clock, ...time }),
    },
  ];
}
