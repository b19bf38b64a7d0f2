import type { Translated } from '../../../i18n/texts';
import type { EventListTexts } from './en';

export const de: Translated<EventListTexts> = {
  title: 'Ereignisse',
  open: { one: '{{count}} offen', other: '{{count}} offen' },
  looking: 'Sucht nach Ereignissen …',
  noneSoFar: 'In dem, was bis {{time}} analysiert ist, ist nichts geschehen.',
  noneThen: 'Aus dieser Zeit ist kein Ereignis bekannt. Ob alles angesehen wurde, sagt die Abdeckung der Zeitleiste.',
  notYet: 'Noch ist nichts analysiert: Ereignisse stehen hier, sobald sie gefunden sind.',
  show: 'In der Wiedergabe zeigen',
  running: 'dauert an, bekannt bis {{time}}',
  began: '{{name}} begann',
  ended: '{{name}} endete',
};
