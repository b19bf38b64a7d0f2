import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Dashboard } from '../core/dashboard';
import { SessionState } from '../core/session-state';
import { FirstStreamState } from '../features/setup/first-stream-state';
import { SetupState } from '../features/setup/setup-state';
import { loadTexts } from '../i18n/load-texts';
import { SetupPage } from './setup-page';

export default [
  {
    path: '',
    title: 'Set up · Vedette',
    component: SetupPage,
    providers: [
      {
        provide: SetupState,
        deps: [ApiClient, SessionState],
        useFactory: ({ people }: ApiClient, session: SessionState) => new SetupState({ people, session }),
      },
      {
        provide: FirstStreamState,
        deps: [ApiClient, Dashboard],
        useFactory: (api: ApiClient, { streams }: Dashboard) => new FirstStreamState(api, streams),
      },
    ],
    resolve: {
      streams: loadTexts('streams', {
        en: async () => (await import('../features/streams/i18n/en')).en,
        de: async () => (await import('../features/streams/i18n/de')).de,
      }),
      texts: loadTexts('setup', {
        en: async () => (await import('../features/setup/i18n/en')).en,
        de: async () => (await import('../features/setup/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
