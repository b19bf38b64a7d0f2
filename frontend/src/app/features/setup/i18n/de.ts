import type { Translated } from '../../../i18n/texts';
import type { SetupTexts } from './en';

export const de: Translated<SetupTexts> = {
  head: { title: 'Einrichten', text: 'Von nichts bis zum ersten Bild.' },
};
