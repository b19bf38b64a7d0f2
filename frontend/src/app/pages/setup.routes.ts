import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { SetupPage } from './setup-page';

export default [
  {
    path: '',
    title: 'Set up · Vedette',
    component: SetupPage,
    resolve: {
      texts: loadTexts('setup', {
        en: async () => (await import('../features/setup/i18n/en')).en,
        de: async () => (await import('../features/setup/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
