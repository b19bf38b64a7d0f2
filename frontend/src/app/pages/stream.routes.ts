import type { Routes } from '@angular/router';
import { loadTexts } from '../i18n/load-texts';
import { StreamPage } from './stream-page';

export default [
  {
    path: '',
    component: StreamPage,
    resolve: {
      texts: loadTexts('stream', {
        en: async () => (await import('./stream-i18n/en')).en,
        de: async () => (await import('./stream-i18n/de')).de,
      }),
      player: loadTexts('player', {
        en: async () => (await import('../features/player/i18n/en')).en,
        de: async () => (await import('../features/player/i18n/de')).de,
      }),
      eventList: loadTexts('eventList', {
        en: async () => (await import('../features/events/list-i18n/en')).en,
        de: async () => (await import('../features/events/list-i18n/de')).de,
      }),
      metrics: loadTexts('metrics', {
        en: async () => (await import('../features/metrics/i18n/en')).en,
        de: async () => (await import('../features/metrics/i18n/de')).de,
      }),
      clips: loadTexts('clips', {
        en: async () => (await import('../features/clips/i18n/en')).en,
        de: async () => (await import('../features/clips/i18n/de')).de,
      }),
      rules: loadTexts('rules', {
        en: async () => (await import('../features/rules/i18n/en')).en,
        de: async () => (await import('../features/rules/i18n/de')).de,
      }),
      teach: loadTexts('teach', {
        en: async () => (await import('../features/teach/i18n/en')).en,
        de: async () => (await import('../features/teach/i18n/de')).de,
      }),
      timeline: loadTexts('timeline', {
        en: async () => (await import('../features/timeline/i18n/en')).en,
        de: async () => (await import('../features/timeline/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
