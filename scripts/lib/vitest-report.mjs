import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Lines of a failure that the end of a run shows: its message and where, not its whole stack. */
const MESSAGE_LINES = 6;

/**
 * What failed, by the report that Vitest writes as JSON.
 * @param report as text; an empty one, of a Vitest that died, tells nothing
 * @param root files are named from here
 * @returns one of each test, or of each file that could not be run
 */
export function failuresIn(report, root) {
  if (report === '') return [];
  return JSON.parse(report).testResults.flatMap((file) => {
    const path = relative(root, file.name);
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0)
      return file.status === 'failed' ? [{ file: path, name: '(the file itself)', why: shortened(file.message) }] : [];
    return failed.map((test) => ({ file: path, name: test.fullName, why: shortened(test.failureMessages.join('\n')) }));
  });
}

const shortened = (message) => stripVTControlCharacters(message).split('\n').slice(0, MESSAGE_LINES).join('\n');

/** The files to run once more, each once. */
export const filesOf = (failures) => [...new Set(failures.map(({ file }) => file))];

/** As the end of a run tells them. */
export const failureText = ({ file, name, why }) => `  ${file}\n    ${name}\n${why.replace(/^/gm, '      ')}\n`;
