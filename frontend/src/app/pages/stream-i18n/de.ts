import type { Translated } from '../../i18n/texts';
import type { StreamTexts } from './en';

export const de: Translated<StreamTexts> = {
  wall: 'Übersicht',
  switch: 'Anderer Stream',
  state: {
    live: 'Live',
    pending: 'Noch nichts gesendet',
    starting: 'Startet',
    retrying: 'Wartet auf die Quelle',
    failed: 'Ausgefallen',
    stopped: 'Angehalten',
    off: 'Aus',
  },
  connect: 'Encoder verbinden',
  settings: 'Einstellungen',
  teach: 'Ein Logo im Bild beibringen',
  draw: 'Ins Bild zeichnen',
  shapes: 'Zonen und Linien im Bild',
  events: 'Ereignisse',
  loading: 'Wird geladen',
  unknown: { title: 'Kein Stream heißt {{name}}', text: 'Er wurde vielleicht entfernt oder umbenannt.', wall: 'Alle Streams' },
  removed: '{{title}} wurde entfernt',
};
