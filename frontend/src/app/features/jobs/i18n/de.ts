import type { Translated } from '../../../i18n/texts';
import type { JobsTexts } from './en';

export const de: Translated<JobsTexts> = {
  head: { title: 'Aufträge', text: 'Was wartet, was läuft und was gescheitert ist.' },
};
