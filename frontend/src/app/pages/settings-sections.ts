import type { SettingsTexts } from '../features/settings/i18n/en';
import type { Key } from '../i18n/texts';

export interface SettingsSection {
  /** Of its address, below `/settings`. */
  readonly name: string;
  readonly title: Key<SettingsTexts> & `sections.${string}`;
  readonly isForAdmins: boolean;
}

/** In the order in which they are listed; one's own come first. */
export const SETTINGS_SECTIONS: readonly SettingsSection[] = [
  { name: 'account', title: 'sections.account', isForAdmins: false },
  { name: 'sessions', title: 'sections.sessions', isForAdmins: false },
  { name: 'people', title: 'sections.people', isForAdmins: true },
  { name: 'tokens', title: 'sections.tokens', isForAdmins: true },
  { name: 'keys', title: 'sections.keys', isForAdmins: true },
  { name: 'retention', title: 'sections.retention', isForAdmins: true },
];
