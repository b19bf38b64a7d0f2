import { inject } from '@angular/core';
import { Router, type CanActivateFn, type Routes } from '@angular/router';
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

export const routes: Routes = [
  {
    path: 'sign-in',
    canActivate: [needsNone],
    loadChildren: () => import('./pages/sign-in.routes'),
  },
  // Open to everyone: the first person and whoever was invited come in here.
  { path: 'setup', loadChildren: () => import('./pages/setup.routes') },
  {
    path: '',
    canActivate: [needsSession],
    loadComponent: async () => (await import('./shell/shell')).Shell,
    resolve: {
      healthTexts: loadTexts('health', {
        en: async () => (await import('./i18n/health/en')).en,
        de: async () => (await import('./i18n/health/de')).de,
      }),
      streamsTexts: loadTexts('streams', {
        en: async () => (await import('./features/streams/i18n/en')).en,
        de: async () => (await import('./features/streams/i18n/de')).de,
      }),
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
      // Where these were before; links to them are kept.
      { path: 'brands', redirectTo: 'logos' },
      { path: 'live/:name', redirectTo: 'streams/:name' },
      { path: 'work', loadChildren: () => import('./pages/work.routes'), data: { page: 'work' } },
      { path: 'streams/:name', loadChildren: () => import('./pages/stream.routes'), data: { page: 'stream' } },
      { path: '', pathMatch: 'full', loadChildren: () => import('./pages/wall.routes'), data: { page: 'wall' } },
    ],
  },
  { path: '**', redirectTo: '' },
];
