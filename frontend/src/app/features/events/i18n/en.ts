export const en = {
  head: { title: 'Events', text: 'What was seen and heard, newest first.' },
};
export type EventsTexts = typeof en;
