import { inject } from '@angular/core';
import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Notices } from '../core/notices';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { provideOptionForms } from '../features/plugins/formly';
import type { PluginsTexts } from '../features/plugins/i18n/en';
import { PluginEditor } from '../features/plugins/plugin-editor';
import { PluginsState } from '../features/plugins/plugins-state';
import { Trial } from '../features/plugins/trial';
import { loadTexts } from '../i18n/load-texts';
import { Texts } from '../i18n/texts';
import { PluginPage } from './plugin-page';
import { PluginsPage } from './plugins-page';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export default [
  {
    path: '',
    resolve: {
      texts: loadTexts('plugins', {
        en: async () => (await import('../features/plugins/i18n/en')).en,
        de: async () => (await import('../features/plugins/i18n/de')).de,
      }),
    },
    providers: [
      provideOptionForms(),
      {
        provide: PluginsState,
        deps: [ApiClient, PAGE_CLOCK],
        useFactory: (api: ApiClient, clock: PageClock) => new PluginsState({ api, ...clock }),
      },
      {
        provide: PluginEditor,
        deps: [ApiClient, Notices],
        useFactory: (api: ApiClient, notices: Notices) => {
          const t = inject(Texts).of<PluginsTexts>('plugins');
          return new PluginEditor({ api, notices, savedText: () => t('review.saved') });
        },
      },
      {
        provide: Trial,
        deps: [ApiClient, PAGE_CLOCK],
        useFactory: (api: ApiClient, { now }: PageClock) => new Trial({ api, now, wait }),
      },
    ],
    children: [
      { path: '', title: 'Plugins · Vedette', component: PluginsPage },
      // By a query, since ids have dots: the server takes an address that ends in one for a file.
      { path: 'detail', title: 'Plugin · Vedette', component: PluginPage },
    ],
  },
] satisfies Routes;
