import { inject } from '@angular/core';
import type { ResolveFn, Routes } from '@angular/router';
import { ApiClient } from '../api/api-client';
import { PAGE_CLOCK, type PageClock } from '../core/page-clock';
import { SessionState } from '../core/session-state';
import { SignIn } from '../features/sign-in/sign-in';
import { SignInState } from '../features/sign-in/sign-in-state';
import { loadTexts } from '../i18n/load-texts';

/** Where nobody has a password so far, the token comes first. Whoever cannot be asked is asked by signing in. */
const isSetupOpen: ResolveFn<boolean | null> = async () => {
  const state = inject(SignInState);
  const isOpen = await inject(ApiClient)
    .people.isSetupOpen()
    .catch(() => null);
  state.choose(isOpen === true ? 'token' : 'password');
  return isOpen;
};

export default [
  {
    path: '',
    title: 'Sign in · Vedette',
    component: SignIn,
    providers: [
      {
        provide: SignInState,
        deps: [SessionState, PAGE_CLOCK],
        useFactory: (session: SessionState, { now }: PageClock) => new SignInState({ session, now }),
      },
    ],
    resolve: {
      isSetupOpen,
      texts: loadTexts('sign-in', {
        en: async () => (await import('../features/sign-in/i18n/en')).en,
        de: async () => (await import('../features/sign-in/i18n/de')).de,
      }),
    },
  },
] satisfies Routes;
