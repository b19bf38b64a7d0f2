import { inject } from '@angular/core';
import { Router, type CanActivateFn, type Routes, type UrlMatcher } from '@angular/router';
import { Notices } from './core/notices';
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

/** `/` and `/live/:name` are one page: the player stays when a stream gets its name into the address. */
const livePage: UrlMatcher = (segments) => {
  if (segments.length === 0) return { consumed: [] };
  const [live, name] = segments;
  return live?.path === 'live' && name !== undefined && segments.length === 2 ? { consumed: segments, posParams: { name } } : null;
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
    children: [
      { path: 'brands', loadChildren: () => import('./pages/brands.routes'), data: { page: 'brands' } },
      { path: 'work', loadChildren: () => import('./pages/work.routes'), data: { page: 'work' } },
      { matcher: livePage, loadComponent: async () => (await import('./pages/live-page')).LivePage, data: { page: 'live' } },
    ],
  },
  { path: '**', redirectTo: '' },
];
