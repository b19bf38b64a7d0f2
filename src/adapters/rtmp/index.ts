import { definePlugin } from 'vedette/plugin';
import { rtmpSource } from './rtmp-source.js';

/** `vedette/rtmp`: streams from OBS and every other encoder that speaks RTMP, H.264 and AAC. */
export default definePlugin({
  id: 'rtmp',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [rtmpSource],
});
