import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { EventsPage } from './events-page';

export default [
  {
    path: '',
    title: 'Events · Vedette',
    component: EventsPage,
    resolve: {
      texts: loadTexts('events', {
        en: async () => (await import('../features/events/i18n/en')).en,
        de: async () => (await import('../features/events/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
