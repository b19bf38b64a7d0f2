import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { WallPrefs } from '../features/wall/wall-prefs';
import { WallState } from '../features/wall/wall-state';
import { loadTexts } from '../i18n/load-texts';
import { WallPage } from './wall-page';

export default [
  {
    path: '',
    title: 'Wall · Vedette',
    component: WallPage,
    providers: [
      { provide: WallState, deps: [ApiClient, PAGE_CLOCK], useFactory: (api: ApiClient, clock: PageClock) => new WallState(api, clock) },
      { provide: WallPrefs, useFactory: () => new WallPrefs(localStorage) },
    ],
    resolve: {
      texts: loadTexts('wall', {
        en: async () => (await import('../features/wall/i18n/en')).en,
        de: async () => (await import('../features/wall/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
