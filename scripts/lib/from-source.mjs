import { join } from 'node:path';
import { PINNED_NODE, projectEnvironment, ROOT, run } from './project.mjs';

const FROM_SOURCE = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--conditions=vedette-source',
  '--import',
  './test/support/analysis/run-from-source.mjs',
];

/** Runs a TypeScript file of this project as it is, and ends as it ends. @param path below the project folder */
export async function runFromSource(path, args) {
  const { code } = await run(PINNED_NODE, [...FROM_SOURCE, join(ROOT, path), ...args], { env: projectEnvironment() });
  process.exitCode = code;
}
