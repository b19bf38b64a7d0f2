import type { Translated } from '../../../i18n/texts';
import type { EventsTexts } from './en';

export const de: Translated<EventsTexts> = {
  head: { title: 'Ereignisse', text: 'Was zu sehen und zu hören war, das Neueste zuerst.' },
};
