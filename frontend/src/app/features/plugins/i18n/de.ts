import type { Translated } from '../../../i18n/texts';
import type { PluginsTexts } from './en';

export const de: Translated<PluginsTexts> = {
  head: { title: 'Plugins', text: 'Was installiert ist, wie es eingestellt ist und was es kostet.' },
};
