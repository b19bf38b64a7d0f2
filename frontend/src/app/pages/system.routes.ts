import type { Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { SessionState } from '../core/session-state';
import { AuditState } from '../features/system/audit-state';
import { InstallationState } from '../features/system/installation-state';
import { LogState } from '../features/system/log-state';
import { loadTexts } from '../i18n/load-texts';
import { SystemPage } from './system-page';

export default [
  {
    path: '',
    title: 'System · Vedette',
    component: SystemPage,
    resolve: {
      texts: loadTexts('system', {
        en: async () => (await import('../features/system/i18n/en')).en,
        de: async () => (await import('../features/system/i18n/de')).de,
      }),
    },
    providers: [
      {
        provide: InstallationState,
        useFactory: (api: ApiClient, clock: PageClock, session: SessionState) => new InstallationState(api, clock, () => session.isAdmin()),
        deps: [ApiClient, PAGE_CLOCK, SessionState],
      },
      { provide: LogState, useFactory: (api: ApiClient, clock: PageClock) => new LogState(api, clock), deps: [ApiClient, PAGE_CLOCK] },
      { provide: AuditState, useFactory: (api: ApiClient) => new AuditState(api), deps: [ApiClient] },
    ],
  },
] satisfies Routes;
