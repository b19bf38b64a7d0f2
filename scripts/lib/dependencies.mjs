import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, PINNED_NODE, Refusal, ROOT } from './project.mjs';

const OLDEST_NODE = 20;

/** Installs what package-lock.json names when something of it is missing or of another version. */
export async function ensureDependencies() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE) {
    throw new Refusal(
      `VD_BOOT_NODE_TOO_OLD\n  This is Node.js ${process.versions.node}; installing Vedette needs ${OLDEST_NODE} or newer.`,
      10,
    );
  }
  const missing = firstDifference();
  if (missing === null) return;
  process.stdout.write(`Installing dependencies (${missing}) …\n`);
  // node-av would fetch a whole ffmpeg program besides the libraries that are in its package; nothing here uses it.
  const { code } = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env: { ...process.env, SKIP_FFMPEG: 'true' } });
  if (code !== 0) throw new Refusal(`npm ci ended with ${code}; the lines above say why. It needs the npm registry once.`, 20);
  if (!existsSync(PINNED_NODE)) {
    throw new Refusal(
      'The npm package `node` did not install its program.\n  To fix it: allow its install script (package.json, allowScripts) ' +
        'and run npm ci.',
      20,
    );
  }
}

/** Holds what is installed against the lock file; null when they agree. */
function firstDifference() {
  const installed = readLock(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === null || !existsSync(PINNED_NODE)) return 'none are installed';
  const locked = readLock(join(ROOT, 'package-lock.json'));
  if (locked === null) return 'there is no lock file';
  for (const [path, { version, link, optional, devOptional, peer }] of Object.entries(locked.packages)) {
    if (!path.startsWith('node_modules/') || link === true) continue;
    const found = installed.packages[path];
    if (found === undefined && (optional === true || devOptional === true || peer === true)) continue; // for another platform
    if (found?.version !== version) return `${path.slice('node_modules/'.length)} is not ${version}`;
  }
  return null;
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
