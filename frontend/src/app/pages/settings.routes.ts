import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { SettingsPage } from './settings-page';

export default [
  {
    path: '',
    title: 'Settings · Vedette',
    component: SettingsPage,
    resolve: {
      texts: loadTexts('settings', {
        en: async () => (await import('../features/settings/i18n/en')).en,
        de: async () => (await import('../features/settings/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
