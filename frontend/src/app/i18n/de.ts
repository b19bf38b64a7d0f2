import type { AppTexts } from './en';
import type { Translated } from './texts';

export const de: Translated<AppTexts> = {
  pages: {
    wall: 'Übersicht',
    stream: 'Stream',
    events: 'Ereignisse',
    exposure: 'Sichtbarkeit',
    logos: 'Logos',
    search: 'Suche',
    jobs: 'Aufträge',
    work: 'Auslastung',
    plugins: 'Plugins',
    settings: 'Einstellungen',
    system: 'System',
    setup: 'Einrichten',
  },
  nav: { label: 'Seiten', more: 'Mehr', skip: 'Zum Inhalt springen', home: 'Vedette, Startseite' },
  account: {
    label: 'Konto',
    signedInAs: 'Angemeldet als {{name}}',
    signOut: 'Abmelden',
    theme: 'Erscheinungsbild',
    themes: { system: 'Wie das System', dark: 'Dunkel', light: 'Hell' },
    language: 'Sprache',
  },
  keys: { help: 'Tastaturkürzel' },
  state: {
    loading: 'Wird geladen',
    again: 'Noch einmal versuchen',
    asOf: 'Stand von {{time}}: Neueres ist gerade nicht zu erfahren.',
  },
  forbidden: {
    title: 'Das darf nur ein Administrator sehen',
    text: 'Sie sind als {{name}} angemeldet und können Streams und Ergebnisse ansehen.',
  },
  copy: { do: 'Kopieren', done: 'Kopiert', what: 'Kopieren: {{what}}' },
  confirm: { cancel: 'Abbrechen' },
};
