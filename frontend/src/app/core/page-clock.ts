import { InjectionToken } from '@angular/core';
import { everyWhileVisible, type Sight } from './visible-timer';

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
/** Time as the states see it; what is done again and again rests while nobody sees the page. */
export interface PageClock {
  now(): number;
  /** Calls back again and again; the returned function stops it. */
  every(periodMs: number, run: () => void): () => void;
}
export const PAGE_CLOCK = new InjectionToken<PageClock>('page-clock', {
  providedIn: 'root',
  factory: () => ({ now: sight.now, every: (periodMs, run) => everyWhileVisible(sight, periodMs, run) }),
});
