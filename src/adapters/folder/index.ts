import { definePlugin } from 'vedette/plugin';
import { folderSource } from './folder-source.js';

/** `vedette/folder`: segments that another program writes, taken over in place. */
export default definePlugin({
  id: 'folder',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [folderSource],
});
