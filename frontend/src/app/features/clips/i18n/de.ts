import type { Translated } from '../../../i18n/texts';
import type { ClipsTexts } from './en';

export const de: Translated<ClipsTexts> = {
  heading: '{{from}} bis {{to}}, {{length}}',
  close: 'Bereich loslassen',
  cancel: 'Abbrechen',
  viewer: 'Clips, Links und eine neue Analyse macht ein Administrator. Markieren Sie einen anderen Bereich oder spielen Sie diesen ab.',
  states: {
    queued: 'Wartet, bis es an der Reihe ist',
    running: 'Wird gemacht',
    paused: 'Angehalten',
    done: 'Fertig',
    failed: 'Fehlgeschlagen',
    cancelled: 'Abgebrochen',
  },
  clip: {
    heading: 'Clip',
    mode: 'Wie geschnitten wird',
    modes: { copy: 'Wie aufgezeichnet', exact: 'Auf das Bild genau', burned: 'Mit Rahmen' },
    hints: {
      copy: 'Ganze Segmente um den Bereich, sofort.',
      exact: 'Von diesem Bild bis zu jenem; nur die Enden werden neu kodiert.',
      burned: 'Auf das Bild genau, mit eingezeichneten Funden; alles wird neu kodiert.',
    },
    make: 'Clip machen',
    save: 'MP4 sichern',
  },
  share: {
    heading: 'Link',
    lasts: 'Gültig für',
    hint: 'Wer ihn hat, sieht den Clip ohne Anmeldung.',
    make: 'Link machen',
    link: 'Link, nur jetzt gezeigt',
  },
  again: {
    heading: 'Noch einmal analysieren',
    analyzer: 'Analyse',
    choose: 'Bitte wählen',
    onlyMissing: 'Nur was gefehlt hat',
    segments: { one: '{{count}} Segment', other: '{{count}} Segmente' },
    cost: 'etwa {{time}} eines Kerns',
    make: 'Noch einmal analysieren',
    jobs: 'Alle Aufträge',
  },
};
