import { definePlugin } from 'vedette/plugin';
import { browserSource } from './browser-source.js';

/** `vedette/browser`: cameras of phones and computers, by a page of the dashboard. */
export default definePlugin({
  id: 'browser',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [browserSource],
});
