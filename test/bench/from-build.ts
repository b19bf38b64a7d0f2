import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const FROM_BUILD = [
  ...['--experimental-transform-types', '--disable-warning=ExperimentalWarning'],
  ...['--import', join(ROOT, 'test/bench/scale/run-from-build.mjs')],
];

/**
 * What a benchmark says that is run by the build, since it has Nest's modules in its own process.
 * @param path below this folder
 */
export async function fromBuild(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...FROM_BUILD, join(import.meta.dirname, path)], { cwd: ROOT });
  return stdout.trimEnd();
}
