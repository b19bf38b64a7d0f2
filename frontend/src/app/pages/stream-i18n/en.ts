export const en = {
  wall: 'Wall',
  switch: 'Another stream',
  state: {
    live: 'Live',
    pending: 'Not sent yet',
    starting: 'Starting',
    retrying: 'Waiting for the source',
    failed: 'Failed',
    stopped: 'Stopped',
    off: 'Off',
  },
  connect: 'Connect an encoder',
  settings: 'Settings',
  teach: 'Teach a logo that is in the picture',
  draw: 'Draw into the picture',
  shapes: 'Zones and lines in the picture',
  events: 'Events',
  loading: 'Loading',
  unknown: { title: 'No stream is called {{name}}', text: 'It may have been removed or renamed.', wall: 'All streams' },
  removed: '{{title}} was removed',
};
export type StreamTexts = typeof en;
