import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { npm, projectEnvironment, Refusal, ROOT } from './project.mjs';

const STAMP = join(ROOT, '.vedette-build.json');
const NOT_SOURCES = new Set(['node_modules', 'dist', '.angular', 'coverage']);

/** What each half is built from, by which command, and what must be there afterwards. */
const PARTS = {
  server: {
    script: 'build:server',
    inputs: ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'],
    output: 'dist/cli/main.js',
    stale: 'dist',
  },
  web: {
    script: 'build:web',
    inputs: ['frontend', 'package-lock.json'],
    output: 'frontend/dist/frontend/browser/index.html',
    stale: 'frontend/dist',
  },
};

/**
 * Builds what is missing or older than its sources.
 * @param show takes what the builds write, instead of this process' own output
 */
export async function ensureBuilt(names = Object.keys(PARTS), show) {
  for (const name of names) {
    const part = PARTS[name];
    const hash = hashOf(part.inputs);
    const stamps = readStamps();
    if (stamps[name] === hash && existsSync(join(ROOT, part.output))) continue;
    (show ?? ((text) => process.stdout.write(text)))(`Building the ${name} …\n`);
    // From nothing: files of removed sources would be loaded as well.
    rmSync(join(ROOT, part.stale), { recursive: true, force: true });
    const { code } = await npm(['run', '--silent', part.script], { env: projectEnvironment({ NG_CLI_ANALYTICS: 'false' }), show });
    if (code !== 0 || !existsSync(join(ROOT, part.output))) throw new Refusal(`Building the ${name} failed; the lines above say why.`, 21);
    writeFileSync(STAMP, `${JSON.stringify({ ...stamps, [name]: hash }, null, 2)}\n`);
  }
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

/** A hash over paths and contents: times of files say nothing after a clone. */
function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesBelow(join(ROOT, input)))) {
    hash.update(relative(ROOT, file).split(sep).join('/')).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return /\.(spec|contract)\.ts$/.test(path) ? [] : [path];
  return readdirSync(path)
    .filter((name) => !NOT_SOURCES.has(name))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}
