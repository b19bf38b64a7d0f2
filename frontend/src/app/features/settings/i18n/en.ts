export const en = {
  head: { title: 'Settings', text: 'People, keys, retention and what is your own.' },
};
export type SettingsTexts = typeof en;
