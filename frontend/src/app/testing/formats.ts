import '@angular/compiler';
import { Injector, runInInjectionContext, signal } from '@angular/core';
import { LocaleFormat, type Formats } from '../i18n/locale-format';
import { Texts, type Language } from '../i18n/texts';

/** Numbers and times as the dashboard writes them in a language, for tests without a browser. */
export function formatsOf(language: Language = 'en'): Formats {
  const injector = Injector.create({ providers: [{ provide: Texts, useValue: { language: signal(language) } }] });
  return runInInjectionContext(injector, () => new LocaleFormat());
}
