import {
  inject,
  isDevMode,
  provideAppInitializer,
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
  type ApplicationConfig,
} from '@angular/core';
import { provideTransloco } from '@jsverse/transloco';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { routes } from './app.routes';
import { provideDashboard } from './core/providers';
import { Theme } from './core/theme';
import { LANGUAGES, Texts } from './i18n/texts';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideZonelessChangeDetection(),
    provideRouter(routes, withComponentInputBinding()),
    provideTransloco({
      config: {
        availableLangs: [...LANGUAGES],
        defaultLang: 'en',
        prodMode: !isDevMode(),
        missingHandler: { logMissingKey: isDevMode() },
      },
    }),
    provideAppInitializer(() => {
      inject(Theme);
      return inject(Texts).provide('app', {
        en: async () => (await import('./i18n/en')).en,
        de: async () => (await import('./i18n/de')).de,
      });
    }),
    provideDashboard(),
  ],
};
