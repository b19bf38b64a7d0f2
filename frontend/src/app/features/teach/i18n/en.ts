export const en = {
  title: 'Teach a logo',
  close: 'Close',
  draw: 'Stop the picture where the logo is seen well, and draw a box around it.',
  brand: 'Brand',
  new: 'A new brand',
  name: 'What the brand is called',
  teach: 'Teach this logo',
  taught: '{{brand}} has one more image. From the next segment on it is looked for.',
  find: 'Find it in the last 24 h',
  states: { queued: 'Waits for its turn', running: 'Looks', paused: 'Paused', done: 'Done', failed: 'Failed', cancelled: 'Cancelled' },
  logos: 'All logos',
  exposure: 'What was found',
};
export type TeachTexts = typeof en;
