import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { ExposureState } from '../features/exposure/exposure-state';
import { loadTexts } from '../i18n/load-texts';
import { ExposurePage } from './exposure-page';

export default [
  {
    path: '',
    title: 'Exposure · Vedette',
    component: ExposurePage,
    providers: [
      {
        provide: ExposureState,
        useFactory: (api: ApiClient, clock: PageClock) => new ExposureState(api, clock),
        deps: [ApiClient, PAGE_CLOCK],
      },
    ],
    resolve: {
      texts: loadTexts('exposure', {
        en: async () => (await import('../features/exposure/i18n/en')).en,
        de: async () => (await import('../features/exposure/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
