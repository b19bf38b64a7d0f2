export const en = {
  head: { title: 'Search', text: 'Texts, labels, brands and events of every stream.' },
};
export type SearchTexts = typeof en;
