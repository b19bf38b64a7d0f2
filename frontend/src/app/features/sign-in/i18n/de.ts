import type { Translated } from '../../../i18n/texts';
import type { SignInTexts } from './en';

export const de: Translated<SignInTexts> = {
  head: {
    password: 'Melden Sie sich an, um zuzusehen und zurückzublicken.',
    token: 'Melden Sie sich mit dem Einmal-Token aus der Startmeldung an.',
    ended: 'Ihre Sitzung ist zu Ende. Melden Sie sich neu an.',
  },
  name: 'Name',
  password: 'Passwort',
  show: 'Zeigen',
  token: 'Einmal-Token',
  submit: 'Anmelden',
  busy: 'Anmeldung läuft…',
  wait: { one: 'In {{count}} Sekunde noch einmal', other: 'In {{count}} Sekunden noch einmal' },
  byToken: 'Stattdessen ein Token benutzen',
  byPassword: 'Stattdessen Name und Passwort benutzen',
  lost: {
    password: 'Vergessen? Ein Administrator kann Ihnen einen Link für ein neues machen.',
    token: 'Verloren? `vedette token` auf dem Rechner, auf dem Vedette läuft, gibt ein neues aus.',
  },
  first: { text: 'Hier hat noch niemand einen Namen und ein Passwort.', link: 'Einrichten' },
  incomplete: {
    password: 'Geben Sie Namen und Passwort ein.',
    token: 'Fügen Sie zuerst das Token ein. Es steht in der Meldung, die Vedette beim Start ausgibt.',
  },
  wrong: {
    password: 'Name und Passwort gehören nicht zusammen. Groß und klein zählt beim Passwort, nicht beim Namen.',
    limited: 'Aus Ihrem Netz oder für diesen Namen kamen zu viele falsche Passwörter. Ein Token gilt sofort.',
    token: 'Dieses Token öffnet nichts: Es ist vertippt, benutzt, abgelaufen oder widerrufen. `vedette token` gibt ein neues aus.',
  },
};
