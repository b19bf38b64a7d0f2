import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Dashboard } from '../core/dashboard';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { SearchState } from '../features/search/search-state';
import { loadTexts } from '../i18n/load-texts';
import { SearchPage } from './search-page';

export default [
  {
    path: '',
    title: 'Search · Vedette',
    component: SearchPage,
    providers: [
      {
        provide: SearchState,
        deps: [ApiClient, PAGE_CLOCK, Dashboard],
        useFactory: (api: ApiClient, clock: PageClock, dashboard: Dashboard) =>
          new SearchState(
            api,
            () => clock.now(),
            (name) => dashboard.streams.byName(name)?.id ?? null,
          ),
      },
    ],
    resolve: {
      texts: loadTexts('search', {
        en: async () => (await import('../features/search/i18n/en')).en,
        de: async () => (await import('../features/search/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
