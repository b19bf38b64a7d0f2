import { closeSync, openSync, readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';

/** Name of the variable that says by which file descriptor a child finds what its parent hands over. */
export const HANDED_OVER_BY = 'VEDETTE_HANDED_OVER_BY';

/**
 * Reads what the parent handed over by a pipe, once; undefined when it handed over nothing. What comes this way is in no
 * environment, no command line and no file.
 */
export function takeHandedOver(environment: NodeJS.ProcessEnv): unknown {
  const descriptor = Number.parseInt(environment[HANDED_OVER_BY] ?? '', 10);
  delete environment[HANDED_OVER_BY];
  if (!Number.isInteger(descriptor) || descriptor < 0) return undefined;
  try {
    const bytes = readFileSync(descriptor);
    return bytes.length === 0 ? undefined : deserialize(bytes);
  } finally {
    closeSync(descriptor);
    // The next file to be opened would be taken for standard input.
    if (descriptor === 0) openSync('/dev/null', 'r');
  }
}
