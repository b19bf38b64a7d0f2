import type { Translated } from '../../../i18n/texts';
import type { StreamsTexts } from './en';

export const de: Translated<StreamsTexts> = {
  new: 'Neuer Stream',
  connect: 'Einen Encoder mit {{title}} verbinden',
  inObs: 'In OBS: Einstellungen → Stream, Dienst Benutzerdefiniert. Dann den Stream starten.',
  server: 'Server',
  thisHost: 'dieser Rechner',
  key: 'Streamschlüssel',
  once:
    'Dieser Schlüssel wird nur jetzt gezeigt. Wer ihn hat, kann Video hierher senden; später sind nur seine letzten Zeichen ' +
    '({{hint}}) bekannt.',
  video: 'Videoencoder x264 oder ein anderer für H.264, Keyframe-Intervall 2 s (Einstellungen → Ausgabe → Erweitert).',
  audio: 'Ton als AAC, oder keiner.',
  done: 'Fertig',
  cancel: 'Abbrechen',
  keyNeeded:
    'Ein Encoder braucht die Adresse des Servers und einen Streamschlüssel. Vorhandene Schlüssel gelten weiter und lassen ' +
    'sich nicht noch einmal zeigen.',
  newKey: 'Neuen Schlüssel machen',
  create: 'Stream anlegen',
  title: { label: 'Titel', example: 'Hauptbühne', hint: 'Wie man ihn nennt.', missing: 'Ein Titel wird gebraucht.' },
  name: { label: 'Name', hint: 'Für Adressen und Konfiguration: a-z, 0-9, - und _, bis zu 63 Zeichen.' },
  source: {
    label: 'Quelle',
    listens: 'Ein Encoder sendet hierher, mit einem Schlüssel',
    opens: 'Vedette öffnet sie',
    optional: 'freiwillig',
    standard: 'Vorgabe',
  },
  settings: {
    heading: 'Einstellungen des Streams',
    rename: 'Umbenennen',
    nameStays: 'Sein Name, in Adressen und Konfiguration, bleibt',
    switchOff: 'Ausschalten',
    switchOffHint: 'Was läuft, endet, und Neues wird nicht angenommen, bis er wieder eingeschaltet wird.',
    switchOn: 'Einschalten',
    switchOnHint: 'Er nimmt wieder Video an.',
    remove: 'Entfernen',
    removeHint: 'Nimmt ihn mit seinen Schlüsseln aus Vedette heraus.',
    removeAsk: 'Entfernen…',
    removeSure: 'Endgültig entfernen',
    removeWarning:
      'Das lässt sich nicht zurücknehmen: Seine Schlüssel gelten nicht mehr, und Video und Ergebnisse gehen, wenn ihre Aufbewahrung endet.',
  },
};
