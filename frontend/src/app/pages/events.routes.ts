import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { Dashboard } from '../core/dashboard';
import { Notices } from '../core/notices';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { CaseState } from '../features/events/case-state';
import { EventWords } from '../features/events/event-words';
import { EventsState } from '../features/events/events-state';
import { loadTexts } from '../i18n/load-texts';
import { EventsPage } from './events-page';

export default [
  {
    path: '',
    title: 'Events · Vedette',
    component: EventsPage,
    providers: [
      EventWords,
      {
        provide: EventsState,
        deps: [ApiClient, Dashboard, Notices, PAGE_CLOCK],
        useFactory: (api: ApiClient, dashboard: Dashboard, notices: Notices, clock: PageClock) =>
          new EventsState({
            api,
            now: () => clock.now(),
            streamId: (name) => dashboard.streams.byName(name)?.id ?? null,
            onProblem: (error) => notices.problem(error),
          }),
      },
      {
        provide: CaseState,
        deps: [ApiClient, PAGE_CLOCK],
        useFactory: (api: ApiClient, clock: PageClock) => new CaseState(api, () => clock.now()),
      },
    ],
    resolve: {
      texts: loadTexts('events', {
        en: async () => (await import('../features/events/i18n/en')).en,
        de: async () => (await import('../features/events/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
