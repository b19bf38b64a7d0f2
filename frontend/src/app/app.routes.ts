import { inject } from '@angular/core';
import { Router, type CanActivateFn, type Routes, type UrlMatcher } from '@angular/router';
import { Notices } from './core/notices';
import { loadTexts } from './i18n/load-texts';
import { SessionState } from './core/session-state';

/** The server knows who is signed in; a page that cannot ask it shows the sign-in form and says why. */
async function signedIn(): Promise<boolean> {
  const session = inject(SessionState);
  const notices = inject(Notices);
  if (session.status() === 'unknown') await session.check().catch((error: unknown) => notices.problem(error));
  return session.status() === 'signed-in';
}

const needsSession: CanActivateFn = async () => {
  const router = inject(Router);
  return (await signedIn()) || router.parseUrl('/sign-in');
};
const needsNone: CanActivateFn = async () => {
  const router = inject(Router);
  return (await signedIn()) ? router.parseUrl('/') : true;
};

/** `/` and `/streams/:name` are one page: the player stays when a stream gets its name into the address. */
const livePage: UrlMatcher = (segments) => {
  if (segments.length === 0) return { consumed: [] };
  const [streams, name] = segments;
  return streams?.path === 'streams' && name !== undefined && segments.length === 2 ? { consumed: segments, posParams: { name } } : null;
};

export const routes: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in · Vedette',
    canActivate: [needsNone],
    loadComponent: async () => (await import('./features/sign-in/sign-in')).SignIn,
  },
  {
    path: '',
    canActivate: [needsSession],
    loadComponent: async () => (await import('./shell/shell')).Shell,
    resolve: {
      statusTexts: loadTexts('status', {
        en: async () => (await import('./features/status/i18n/en')).en,
        de: async () => (await import('./features/status/i18n/de')).de,
      }),
    },
    children: [
      { path: 'logos', loadChildren: () => import('./pages/brands.routes'), data: { page: 'logos' } },
      { path: 'events', loadChildren: () => import('./pages/events.routes'), data: { page: 'events' } },
      { path: 'search', loadChildren: () => import('./pages/search.routes'), data: { page: 'search' } },
      { path: 'exposure', loadChildren: () => import('./pages/exposure.routes'), data: { page: 'exposure' } },
      { path: 'jobs', loadChildren: () => import('./pages/jobs.routes'), data: { page: 'jobs' } },
      { path: 'plugins', loadChildren: () => import('./pages/plugins.routes'), data: { page: 'plugins' } },
      { path: 'settings', loadChildren: () => import('./pages/settings.routes'), data: { page: 'settings' } },
      { path: 'system', loadChildren: () => import('./pages/system.routes'), data: { page: 'system' } },
      { path: 'setup', loadChildren: () => import('./pages/setup.routes'), data: { page: 'setup' } },
      // Where these were before; links to them are kept.
      { path: 'brands', redirectTo: 'logos' },
      { path: 'live/:name', redirectTo: 'streams/:name' },
      { path: 'work', loadChildren: () => import('./pages/work.routes'), data: { page: 'work' } },
      { matcher: livePage, loadComponent: async () => (await import('./pages/live-page')).LivePage, data: { page: 'stream' } },
    ],
  },
  { path: '**', redirectTo: '' },
];
