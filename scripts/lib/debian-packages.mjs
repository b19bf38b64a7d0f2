import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Refusal, run } from './project.mjs';

/**
 * Installs Debian packages that are missing, or says how. Scenes are the same everywhere only if fonts and backgrounds are.
 * @param what is made with them, as the beginning of a sentence: 'The logo benchmark draws its scenes'
 */
export async function ensureDebianPackages(packages, what) {
  const missing = missingOf(packages);
  if (missing.length === 0) return;
  const install = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Refusal(
      `${what} with Debian's packages, and this system has no apt-get.\n  Missing: ${missing.join(', ')}\n` +
        `  To fix it: run it in a container of debian:bookworm.`,
      11,
    );
  }
  if (process.getuid?.() !== 0) throw new Refusal(`Missing packages: ${missing.join(', ')}\n  To fix it: sudo sh -c '${install}'`, 11);
  process.stdout.write(`Installing ${missing.join(', ')} by apt …\n`);
  const { code } = await run('sh', ['-c', install], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (code !== 0 || missingOf(packages).length > 0)
    throw new Refusal(`apt-get ended with ${code} and ${missingOf(packages).join(', ')} missing; the lines above say why.`, 11);
}

function missingOf(packages) {
  return packages.filter((name) => {
    try {
      return !execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).startsWith('installed');
    } catch {
      return true;
    }
  });
}
