import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { PluginsPage } from './plugins-page';

export default [
  {
    path: '',
    title: 'Plugins · Vedette',
    component: PluginsPage,
    resolve: {
      texts: loadTexts('plugins', {
        en: async () => (await import('../features/plugins/i18n/en')).en,
        de: async () => (await import('../features/plugins/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
