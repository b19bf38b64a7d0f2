import type { Translated } from '../../../i18n/texts';
import type { SystemTexts } from './en';

export const de: Translated<SystemTexts> = {
  head: { title: 'System', text: 'Versionen, Platten, Prozesse und wer was getan hat.' },
};
