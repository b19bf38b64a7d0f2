import { definePlugin } from 'vedette/plugin';
import { pullSource } from './pull-source.js';

/** `vedette/pull`: cameras and streams by RTSP, RTMP, HLS, SRT, MPEG-TS and MJPEG over HTTP. */
export default definePlugin({
  id: 'pull',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [pullSource],
});
