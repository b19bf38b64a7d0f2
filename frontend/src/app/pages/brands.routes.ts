import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Notices } from '../core/notices';
import { BrandsState } from '../features/brands/brands-state';
import { BrandsPage } from './brands-page';

export default [
  {
    path: '',
    title: 'Brands · Vedette',
    component: BrandsPage,
    providers: [
      { provide: BrandsState, useFactory: (api: ApiClient, notices: Notices) => new BrandsState(api, notices), deps: [ApiClient, Notices] },
    ],
  },
] satisfies Routes;
