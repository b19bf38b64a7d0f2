export const en = {
  head: { title: 'Set up', text: 'From nothing to the first picture.' },
};
export type SetupTexts = typeof en;
