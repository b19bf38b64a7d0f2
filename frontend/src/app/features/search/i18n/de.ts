import type { Translated } from '../../../i18n/texts';
import type { SearchTexts } from './en';

export const de: Translated<SearchTexts> = {
  head: { title: 'Suche', text: 'Texte, Bezeichnungen, Marken und Ereignisse aller Streams.' },
};
