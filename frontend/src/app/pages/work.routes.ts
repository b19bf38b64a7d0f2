import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { PlacementState } from '../features/placement/placement-state';
import { WorkPage } from './work-page';

export default [
  {
    path: '',
    title: 'Work · Vedette',
    component: WorkPage,
    providers: [
      {
        provide: PlacementState,
        useFactory: (api: ApiClient, clock: PageClock) => new PlacementState({ api, ...clock }),
        deps: [ApiClient, PAGE_CLOCK],
      },
    ],
  },
] satisfies Routes;
