import { fileURLToPath } from 'node:url';
import { READER } from '../../../src/core/references/picture-reader.js';
import type { ReaderLaunch } from '../../../src/core/references/reader-process.js';
import { FROM_SOURCE } from '../analysis/host-pool.js';

/** The real reading process, running the source as it is; more time than in the product, for machines that are busy testing. */
export const READER_FROM_SOURCE: ReaderLaunch = {
  ...READER,
  entry: fileURLToPath(new URL('../../../src/core/references/reader/reader-entry.ts', import.meta.url)),
  execArgv: FROM_SOURCE,
  timeoutMs: 60_000,
};
