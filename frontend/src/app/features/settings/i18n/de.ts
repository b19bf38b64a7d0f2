import type { Translated } from '../../../i18n/texts';
import type { SettingsTexts } from './en';

export const de: Translated<SettingsTexts> = {
  head: { title: 'Einstellungen', text: 'Personen, Schlüssel, Aufbewahrung und Eigenes.' },
};
