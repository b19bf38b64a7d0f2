import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { ExposurePage } from './exposure-page';

export default [
  {
    path: '',
    title: 'Exposure · Vedette',
    component: ExposurePage,
    resolve: {
      texts: loadTexts('exposure', {
        en: async () => (await import('../features/exposure/i18n/en')).en,
        de: async () => (await import('../features/exposure/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
