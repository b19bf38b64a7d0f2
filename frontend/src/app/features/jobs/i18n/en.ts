export const en = {
  head: { title: 'Jobs', text: 'What waits, what runs and what failed.' },
};
export type JobsTexts = typeof en;
