import { definePlugin } from 'vedette/plugin';
import { webcamSource } from './webcam-source.js';

/** `vedette/webcam`: cameras of this machine, and the demo picture. */
export default definePlugin({
  id: 'webcam',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [webcamSource],
});
