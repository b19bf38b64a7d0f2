import { inject } from '@angular/core';
import { Router, type CanActivateFn, type Routes } from '@angular/router';
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

export const routes: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in · Vedette',
    canActivate: [needsNone],
    loadComponent: async () => (await import('./features/sign-in/sign-in')).SignIn,
  },
  { path: 'live/:name', canActivate: [needsSession], loadComponent: async () => (await import('./pages/live-page')).LivePage },
  {
    path: 'brands',
    title: 'Brands · Vedette',
    canActivate: [needsSession],
    loadComponent: async () => (await import('./pages/brands-page')).BrandsPage,
  },
  {
    path: 'work',
    title: 'Work · Vedette',
    canActivate: [needsSession],
    loadComponent: async () => (await import('./pages/work-page')).WorkPage,
  },
  { path: '', pathMatch: 'full', canActivate: [needsSession], loadComponent: async () => (await import('./pages/live-page')).LivePage },
  { path: '**', redirectTo: '' },
];
