import { inject } from '@angular/core';
import { LocaleFormat, type Formats } from '../../i18n/locale-format';
import { Texts, type Say } from '../../i18n/texts';
import type { WorkTexts } from './i18n/en';

/** What says the texts of this page, and what writes its numbers. */
export interface Words {
  readonly t: Say<WorkTexts>;
  readonly as: Formats;
}

/** In the language of whoever looks: for components. */
export const injectWords = (): Words => ({ t: inject(Texts).of<WorkTexts>('work'), as: inject(LocaleFormat) });
