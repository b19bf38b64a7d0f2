import { inject } from '@angular/core';
import { Router, type CanActivateFn, type Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { SessionState } from '../core/session-state';
import { AccountSection } from '../features/settings/account-section';
import { AccountState } from '../features/settings/account-state';
import { KeysSection } from '../features/settings/keys-section';
import { KeysState } from '../features/settings/keys-state';
import { PeopleSection } from '../features/settings/people-section';
import { PeopleState } from '../features/settings/people-state';
import { RetentionSection } from '../features/settings/retention-section';
import { RetentionState } from '../features/settings/retention-state';
import { SessionsSection } from '../features/settings/sessions-section';
import { SessionsState } from '../features/settings/sessions-state';
import { TokensSection } from '../features/settings/tokens-section';
import { TokensState } from '../features/settings/tokens-state';
import { loadTexts } from '../i18n/load-texts';
import { SettingsPage } from './settings-page';

const data = { page: 'settings' };
const title = 'Settings · Vedette';
/** What an admin comes for most; everyone has an account. */
const toFirst: CanActivateFn = () => inject(Router).parseUrl(inject(SessionState).isAdmin() ? '/settings/people' : '/settings/account');

export default [
  {
    path: '',
    title,
    component: SettingsPage,
    providers: [
      { provide: PeopleState, deps: [ApiClient], useFactory: ({ people }: ApiClient) => new PeopleState(people) },
      { provide: TokensState, deps: [ApiClient], useFactory: ({ people }: ApiClient) => new TokensState(people) },
      { provide: SessionsState, deps: [ApiClient], useFactory: ({ people }: ApiClient) => new SessionsState(people) },
      { provide: KeysState, deps: [ApiClient], useFactory: (api: ApiClient) => new KeysState(api) },
      {
        provide: RetentionState,
        deps: [ApiClient, PAGE_CLOCK],
        useFactory: ({ upkeep }: ApiClient, { now }: PageClock) => new RetentionState(upkeep, now),
      },
      {
        provide: AccountState,
        deps: [ApiClient, PAGE_CLOCK],
        useFactory: ({ people }: ApiClient, { now }: PageClock) => new AccountState(people, now),
      },
    ],
    resolve: {
      texts: loadTexts('settings', {
        en: async () => (await import('../features/settings/i18n/en')).en,
        de: async () => (await import('../features/settings/i18n/de')).de,
      }),
    },
    children: [
      { path: '', pathMatch: 'full', canActivate: [toFirst], children: [] },
      { path: 'account', title, component: AccountSection, data },
      { path: 'sessions', title, component: SessionsSection, data },
      { path: 'people', title, component: PeopleSection, data },
      { path: 'tokens', title, component: TokensSection, data },
      { path: 'keys', title, component: KeysSection, data },
      { path: 'retention', title, component: RetentionSection, data },
    ],
  },
] satisfies Routes;
