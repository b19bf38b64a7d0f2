import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { ApplyState } from '../features/placement/apply-state';
import { PlacementState } from '../features/placement/placement-state';
import { loadTexts } from '../i18n/load-texts';
import { WorkPage } from './work-page';

export default [
  {
    path: '',
    title: 'Work · Vedette',
    component: WorkPage,
    resolve: {
      texts: loadTexts('work', {
        en: async () => (await import('../features/placement/i18n/en')).en,
        de: async () => (await import('../features/placement/i18n/de')).de,
      }),
    },
    providers: [
      {
        provide: PlacementState,
        useFactory: (api: ApiClient, clock: PageClock) => new PlacementState({ api, ...clock }),
        deps: [ApiClient, PAGE_CLOCK],
      },
      { provide: ApplyState, useFactory: (api: ApiClient) => new ApplyState(api), deps: [ApiClient] },
    ],
  },
] satisfies Routes;
