import type { Translated } from '../../../i18n/texts';
import type { RulesTexts } from './en';

export const de: Translated<RulesTexts> = {
  title: 'Zonen und Linien',
  count: { one: '{{count}} Regel', other: '{{count}} Regeln' },
  new: 'Regel zeichnen',
  newName: 'Neue Zone',
  empty:
    'Noch ist keine Zone gezeichnet. Zeichnen Sie eine, um zu erfahren, wer sie betritt oder in ihr bleibt; vorher ist sie auszuprobieren.',
  on: 'An',
  off: 'Ausgeschaltet',
  edit: '{{name}} ändern',
  remove: '{{name}} löschen',
  kinds: { zone: 'Betritt eine Zone', dwell: 'Bleibt in einer Zone', line: 'Überquert eine Linie', count: 'Zählt in einer Zone' },
  form: {
    label: 'Regel',
    draw: {
      zone: 'Klicken Sie die Ecken der Zone ins Bild und ziehen Sie sie an ihren Platz.',
      dwell: 'Klicken Sie die Ecken der Zone ins Bild und ziehen Sie sie an ihren Platz.',
      line: 'Klicken Sie die Punkte der Linie ins Bild: wer sie von links nach rechts überquert, kommt herein.',
      count: 'Klicken Sie die Ecken der Zone, in der gezählt wird, ins Bild.',
    },
    keys: 'Mit der Tastatur: Pfeile, Eingabe, Rücktaste.',
    name: 'Name',
    kind: 'Was sie meldet',
    analyzer: 'Wessen Funde',
    labels: 'Bezeichnungen',
    labelsHint: 'person, dog; keine: alle',
    dwell: 'Sekunden, ab denen gemeldet wird',
    objects: 'Objekte, ab denen gemeldet wird',
    lacks: { points: 'Es fehlen noch Ecken im Bild.', analyzer: 'Es ist keine Analyse gewählt.' },
    try: 'An den letzten 24 h ausprobieren',
    save: 'Sichern',
    clear: 'Neu zeichnen',
    cancel: 'Abbrechen',
  },
  told: {
    events: { one: '{{count}} Ereignis', other: '{{count}} Ereignisse' },
    of: 'von {{tracks}} Objekten wären in den {{analysed}} gemeldet worden, die analysiert sind.',
    line: '{{in}} herein, {{out}} hinaus.',
  },
  removing: { title: '{{name}} löschen?', text: 'Sie meldet dann nichts mehr. Was sie gemeldet hat, bleibt.', yes: 'Löschen' },
};
