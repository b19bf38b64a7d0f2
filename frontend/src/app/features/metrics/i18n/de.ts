import type { Translated } from '../../../i18n/texts';
import type { MetricsTexts } from './en';

export const de: Translated<MetricsTexts> = {
  title: 'Messwerte',
  note: '2 min, beim gezeigten Bild',
  looking: 'Sucht nach Messwerten …',
  none: 'Hier ist noch nichts gemessen. Messwerte erscheinen, sobald eine Analyse misst.',
  all: { one: '{{count}} weiterer', other: '{{count}} weitere' },
  colours: 'Vorherrschende Farben',
};
