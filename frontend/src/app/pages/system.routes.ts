import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { SystemPage } from './system-page';

export default [
  {
    path: '',
    title: 'System · Vedette',
    component: SystemPage,
    resolve: {
      texts: loadTexts('system', {
        en: async () => (await import('../features/system/i18n/en')).en,
        de: async () => (await import('../features/system/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
