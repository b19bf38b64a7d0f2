import type { Translated } from '../../../i18n/texts';
import type { ExposureTexts } from './en';

export const de: Translated<ExposureTexts> = {
  head: { title: 'Sichtbarkeit', text: 'Wie lange, wie groß und wo Marken im Bild waren.' },
};
