import { definePlugin } from 'vedette/plugin';
import { fileSource } from './file-source.js';

/** `vedette/file`: streams that files are imported into. */
export default definePlugin({
  id: 'file',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [fileSource],
});
