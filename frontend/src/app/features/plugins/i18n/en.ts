export const en = {
  head: { title: 'Plugins', text: 'What is installed, how it is set and what it costs.' },
};
export type PluginsTexts = typeof en;
