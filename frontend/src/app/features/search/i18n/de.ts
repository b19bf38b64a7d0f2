import type { Translated } from '../../../i18n/texts';
import type { SearchTexts } from './en';

export const de: Translated<SearchTexts> = {
  head: { title: 'Suche', text: 'Marken, Ereignisse, Texte und Labels auf allen Streams, mit dem Zeitpunkt, zu dem sie zu sehen waren.' },
  field: { label: 'Wonach gesucht wird', placeholder: 'Eine Marke, ein Wort im Bild, ein Label…' },
  filter: { kind: 'Art', all: 'Alles', stream: 'Stream', allStreams: 'Alle Streams', time: 'Zeit' },
  days: { '1': 'Letzte 24 Stunden', '7': 'Letzte 7 Tage', '31': 'Letzte 31 Tage' },
  kinds: { brand: 'Marken', event: 'Ereignisse', text: 'Texte im Bild', label: 'Labels' },
  more: 'Mehr davon',
  seen: { one: 'einmal gesehen', other: '{{count}}-mal gesehen' },
  notSeen: 'in dieser Zeit nicht gesehen',
  library: 'In der Bibliothek zeigen',
  found: { one: '{{count}} Ergebnis', other: '{{count}} Ergebnisse' },
  foundMore: 'Mehr als {{count}} Ergebnisse',
  asking: 'Wird gesucht',
  begin: {
    heading: 'Wonach suchen Sie?',
    text: 'Zwei Buchstaben genügen. Jedes Ergebnis führt zum Zeitpunkt im Player. Die Taste / bringt Sie von überall hierher.',
  },
  none: {
    heading: 'Nichts gefunden für „{{text}}“',
    text: 'Suchen Sie in einem längeren Zeitraum, auf allen Streams oder nach einem Teil des Wortes.',
    longer: 'In den letzten 31 Tagen suchen',
  },
  picture: '{{title}}, gesehen auf {{stream}} um {{time}}',
};
