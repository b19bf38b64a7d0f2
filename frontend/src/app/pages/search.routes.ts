import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { SearchPage } from './search-page';

export default [
  {
    path: '',
    title: 'Search · Vedette',
    component: SearchPage,
    resolve: {
      texts: loadTexts('search', {
        en: async () => (await import('../features/search/i18n/en')).en,
        de: async () => (await import('../features/search/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
