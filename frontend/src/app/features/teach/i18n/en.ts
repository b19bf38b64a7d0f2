export const en = {
  title: 'Teach a logo',
  close: 'Close',
  draw: 'Draw a box around the logo. The picture stands still; go to another where it is not seen well.',
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
