import { fileURLToPath } from 'node:url';
import { FILE_READER, type FileReaderLaunch } from '../../../src/core/media/files/reading-file.js';
import { FROM_SOURCE } from '../analysis/host-pool.js';

/** The real process that reads files, running the source as it is. */
export const FILE_READER_FROM_SOURCE: FileReaderLaunch = {
  ...FILE_READER,
  entry: fileURLToPath(new URL('../../../src/core/media/files/file-reader-entry.ts', import.meta.url)),
  execArgv: FROM_SOURCE,
};
