import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Notices } from '../core/notices';
import { BrandsState } from '../features/brands/brands-state';
import type { BrandsTexts } from '../features/brands/i18n/en';
import { loadTexts } from '../i18n/load-texts';
import { Texts } from '../i18n/texts';
import { BrandsPage } from './brands-page';

export default [
  {
    path: '',
    title: 'Logos · Vedette',
    component: BrandsPage,
    resolve: {
      texts: loadTexts('brands', {
        en: async () => (await import('../features/brands/i18n/en')).en,
        de: async () => (await import('../features/brands/i18n/de')).de,
      }),
    },
    providers: [
      {
        provide: BrandsState,
        deps: [ApiClient, Notices, Texts],
        useFactory: (api: ApiClient, notices: Notices, texts: Texts) => {
          const t = texts.of<BrandsTexts>('brands');
          return new BrandsState(api, notices, {
            removed: (name) => t('card.removed', { name }),
            imageRemoved: (name) => t('card.imageRemoved', { name }),
          });
        },
      },
    ],
  },
] satisfies Routes;
