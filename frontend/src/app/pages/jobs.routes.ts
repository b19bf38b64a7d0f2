import { inject } from '@angular/core';
import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Notices } from '../core/notices';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import type { JobsTexts } from '../features/jobs/i18n/en';
import { JobsState } from '../features/jobs/jobs-state';
import { loadTexts } from '../i18n/load-texts';
import { Texts } from '../i18n/texts';
import { JobsPage } from './jobs-page';

export default [
  {
    path: '',
    title: 'Jobs · Vedette',
    component: JobsPage,
    resolve: {
      texts: loadTexts('jobs', {
        en: async () => (await import('../features/jobs/i18n/en')).en,
        de: async () => (await import('../features/jobs/i18n/de')).de,
      }),
    },
    providers: [
      {
        provide: JobsState,
        deps: [ApiClient, Notices, PAGE_CLOCK],
        useFactory: (api: ApiClient, notices: Notices, clock: PageClock) => {
          const t = inject(Texts).of<JobsTexts>('jobs');
          const words = {
            retried: (count: number) => t.count('said.retried', count),
            gone: (count: number) => t.count('said.gone', count),
            cancelled: (count: number) => t.count('said.cancelled', count),
            seen: (queue: string) => t('said.seen', { queue }),
            begun: (count: number) => t.count('said.begun', count),
          };
          return new JobsState({ api, notices, words, ...clock });
        },
      },
    ],
  },
] satisfies Routes;
