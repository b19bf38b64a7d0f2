import { describe, expect, it } from 'vitest';
import { sources, textOf } from './support/tree.js';

/** Calls that write a file where its readers are looking. */
const WRITES =
  /\b(?:writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|copyFile|copyFileSync|cp|cpSync)\(|\bopen(?:Sync)?\([^;]*?'[wa]x?\+?'/g;
/** Who writes in another way, and why nothing is lost by it. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'src/core/plugin-api/whole-file.ts': 'the one way',
  'src/cli/process/log-file.ts': 'a log grows by lines',
  'src/core/persistence/embedded-postgres.ts': 'opens the log that PostgreSQL writes',
  'src/core/models/model-download.ts': 'a part that grows, held against its checksum and size before it gets its name',
  'src/core/models/model-upload.ts': 'a part that grows, read through before it gets its name',
  'src/core/media/files/import-spool.ts': 'an upload that grows, and is read once the ledger says that all of it is here',
  'src/core/inference/model-copy.ts': 'a copy that lives for as long as onnxruntime opens it, in a folder of its own',
  'src/core/media/packaging/native/segment-file.ts': 'a segment that grows, and gets its name when it is complete',
  'src/core/media/packaging/segments/segment-place.ts': 'a copy that grows, and gets its name when it is complete',
  'src/core/media/packaging/segments/taken-journal.ts': 'a journal grows by lines; one that is cut off is none',
  'src/core/media/store/fetch-segment.ts': 'a copy in a cache that is thrown away at start',
  'src/core/inference/probe-child.ts': 'a setting of the kernel',
  'src/core/config/conceal-environment.ts': 'opened by its writer alone, and removed at once',
};

const product = sources().filter((file) => file.startsWith('src/') && !/\.(spec|contract)\.ts$|\/testing\/|\/plugin-testing\//.test(file));
const writers = product.filter((file) => textOf(file).match(WRITES) !== null);

describe('files that are read again', () => {
  it('are written whole, by writeWholeFile', () => {
    expect(writers.filter((file) => EXCEPTIONS[file] === undefined)).toEqual([]);
  });

  it('have no exception that nobody needs any more', () => {
    expect(Object.keys(EXCEPTIONS).filter((file) => !writers.includes(file))).toEqual([]);
  });
});
