import type { Translated } from '../../../i18n/texts';
import type { TeachTexts } from './en';

export const de: Translated<TeachTexts> = {
  title: 'Ein Logo beibringen',
  close: 'Schließen',
  draw: 'Ziehen Sie einen Rahmen um das Logo. Das Bild steht; gehen Sie zu einem anderen, wenn es nicht gut zu sehen ist.',
  brand: 'Marke',
  new: 'Eine neue Marke',
  name: 'Wie die Marke heißt',
  teach: 'Dieses Logo beibringen',
  taught: '{{brand}} hat ein Bild mehr. Ab dem nächsten Segment wird danach gesucht.',
  find: 'In den letzten 24 h suchen',
  states: {
    queued: 'Wartet, bis es an der Reihe ist',
    running: 'Sucht',
    paused: 'Angehalten',
    done: 'Fertig',
    failed: 'Fehlgeschlagen',
    cancelled: 'Abgebrochen',
  },
  logos: 'Alle Logos',
  exposure: 'Was gefunden wurde',
};
