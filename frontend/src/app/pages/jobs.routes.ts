import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
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
  },
] satisfies Routes;
