import { DOCUMENT, inject, Injectable, signal } from '@angular/core';
import { TranslocoService, type Translation } from '@jsverse/transloco';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];
/** A language is called what its speakers call it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

/** Texts of a part of the dashboard, in each language; a file is fetched when it is shown first. */
export type TextSource<T> = { readonly [language in Language]: () => Promise<T> };

/** The texts of a scope as their English file has them: the German one has the same keys, or does not compile. */
type Branch = { readonly [key: string]: string | Branch };
export type Translated<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translated<T[K]> };

/** "head.title": where the texts are. */
export type Key<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Key<T[K]>}` }[keyof T & string];
/** Where `one` and `other` are, of which a number chooses. */
type Counted<T> = {
  [K in keyof T & string]: T[K] extends { readonly one: string; readonly other: string }
    ? K
    : T[K] extends string
      ? never
      : `${K}.${Counted<T[K]>}`;
}[keyof T & string];

export type Params = Readonly<Record<string, string | number>>;

export interface Say<T> {
  /** @param params stand for `{{name}}` in the text */
  (key: Key<T>, params?: Params): string;
  /** The form of `key` that goes with the number, which the text has as `{{count}}`. */
  count(key: Counted<T>, count: number, params?: Params): string;
}

const KEPT_AS = 'vedette.language';

/**
 * What the dashboard says, in the language of whoever looks at it. Reading a text in a template or a computed signal depends on the
 * language, so it changes with it.
 * @example protected readonly t = inject(Texts).of<EventsTexts>('events');   // {{ t('head.title') }}, {{ t.count('found', 3) }}
 */
@Injectable({ providedIn: 'root' })
export class Texts {
  private readonly transloco = inject(TranslocoService);
  private readonly document = inject(DOCUMENT);
  private readonly sources = new Map<string, TextSource<Branch>>();
  /** Loads that are over, so that what was read before a scope came is read again. */
  private readonly loads = signal(0);
  private readonly chosen = signal<Language>(firstLanguage(this.document));
  readonly language = this.chosen.asReadonly();

  constructor() {
    this.document.documentElement.lang = this.chosen();
  }

  /** Fetches the texts of a scope; from then on they follow the language. */
  async provide<T extends Branch>(scope: string, source: TextSource<T>): Promise<void> {
    if (this.sources.has(scope)) return;
    this.sources.set(scope, source);
    await this.load(scope, this.chosen());
  }

  /** Changes the language of everything on show, and keeps it for the next visit. */
  async use(language: Language): Promise<void> {
    await Promise.all([...this.sources.keys()].map((scope) => this.load(scope, language)));
    this.chosen.set(language);
    this.document.documentElement.lang = language;
    localStorage.setItem(KEPT_AS, language);
  }

  of<T>(scope: string): Say<T> {
    const say = (key: string, params?: Params): string => {
      this.loads();
      return this.transloco.translate(`${scope}.${key}`, params, this.chosen());
    };
    const rules = new Map(LANGUAGES.map((language) => [language, new Intl.PluralRules(language)]));
    return Object.assign(say, {
      count: (key: string, count: number, params?: Params): string =>
        say(`${key}.${rules.get(this.chosen())!.select(count) === 'one' ? 'one' : 'other'}`, { ...params, count }),
    }) as Say<T>;
  }

  private async load(scope: string, language: Language): Promise<void> {
    const texts = await this.sources.get(scope)![language]();
    this.transloco.setTranslation({ [scope]: texts } as Translation, language, { emitChange: false });
    this.loads.update((count) => count + 1);
  }
}

function firstLanguage(document: Document): Language {
  const wanted = [localStorage.getItem(KEPT_AS), ...(document.defaultView?.navigator.languages ?? [])];
  return wanted.map((tag) => LANGUAGES.find((language) => tag?.startsWith(language))).find((language) => language !== undefined) ?? 'en';
}
