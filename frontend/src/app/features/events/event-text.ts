import type { EventWire } from '../../api/models';
import { brief, humanName, sentence } from '../../core/format';
import type { Say } from '../../i18n/texts';
import type { IconName } from '../../shared/ui/icon';
import type { EventListTexts } from './list-i18n/en';

const ICONS: readonly (readonly [RegExp, IconName])[] = [
  [/black|dark|blank/i, 'black'],
  [/fr(ee|o)z/i, 'frozen'],
  [/scene|shot|cut/i, 'scene'],
  [/motion|moving/i, 'motion'],
  [/silen|loud|audio|sound/i, 'sound_event'],
  [/speech|speak|voice/i, 'speech'],
  [/person|face|people/i, 'person'],
  [/logo|brand/i, 'brand'],
  [/zone|line|dwell|count/i, 'boxes'],
  [/flash|flicker/i, 'motion'],
  [/clip|peak|channel|phase/i, 'sound_event'],
];

/** By the words of the name: plugins bring events of their own. */
export function iconOf(name: string): IconName {
  return ICONS.find(([words]) => words.test(name))?.[1] ?? 'event';
}

/** The short facts of an event's data; nested ones are for machines. */
export function describeData(data: EventWire['data']): string {
  if (data === null) return '';
  // What it is of says more than how it measures; ids are for machines.
  const { label, ...rest } = data;
  const of = typeof label === 'string' ? [label] : [];
  const facts = Object.entries(rest)
    .filter(([key]) => !/Id$/.test(key))
    .flatMap(([key, value]) => {
      if (typeof value === 'number') return [`${humanName(key).toLowerCase()} ${brief(value)}`];
      if (typeof value === 'string' && value.length <= 40) return [`${humanName(key).toLowerCase()} ${value}`];
      return [];
    });
  return [...of, ...facts].slice(0, 3).join(', ');
}

/** What an event is of, where that is known: the brand, the object, the text; else what kind of event it is. */
export function subjectOf({ name, data }: EventWire): string {
  for (const key of ['label', 'brand', 'text', 'ruleName']) {
    const of = data?.[key];
    if (typeof of === 'string' && of !== '') return sentence(of);
  }
  return humanName(name);
}

/** What a screen reader should hear: events that opened, closed or came closed since the last look. */
export function newlySeen(known: ReadonlyMap<string, EventWire['state']>, events: readonly EventWire[], t: Say<EventListTexts>): string[] {
  return events.flatMap((event) => {
    const before = known.get(event.id);
    if (before === event.state) return [];
    const name = subjectOf(event);
    if (event.state === 'open') return [t('began', { name })];
    return [before === undefined ? name : t('ended', { name })];
  });
}
