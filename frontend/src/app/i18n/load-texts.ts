import { inject } from '@angular/core';
import type { ResolveFn } from '@angular/router';
import { Texts, type TextSource } from './texts';

/**
 * For a route: its page is shown when its texts are there.
 * @example resolve: { texts: loadTexts('events', { en: async () => (await import('./i18n/en')).en, de: … }) }
 */
export function loadTexts<T extends object>(scope: string, source: TextSource<T>): ResolveFn<boolean> {
  return async () => {
    await inject(Texts).provide(scope, source as never);
    return true;
  };
}
