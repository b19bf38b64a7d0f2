// npm run bench:logos [-- --split val …]: makes scenes with known logos and prints how well, and at what cost, they are found.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runFromSource } from './lib/from-source.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main, Refusal, run } from './lib/project.mjs';

/** OpenCV draws the scenes and is what Vedette is compared with; the rest is what scenes are made of. */
const PACKAGES = [
  ...['python3-opencv', 'mate-backgrounds', 'plasma-workspace-wallpapers', 'fontconfig', 'fonts-cantarell', 'fonts-comfortaa'],
  ...[
    'fonts-crosextra-carlito',
    'fonts-dejavu-core',
    'fonts-lato',
    'fonts-liberation',
    'fonts-noto-core',
    'fonts-open-sans',
    'fonts-quicksand',
    'fonts-roboto',
  ],
];
const INSTALL = `apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')}`;

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureMaterial();
  await ensureBuilt();
  await runFromSource('test/bench/logos/main.ts', process.argv.slice(2));
});

/** The same brands, fonts and backgrounds everywhere, or the scenes are others: they come from Debian's packages. */
async function ensureMaterial() {
  if (missing().length === 0) return;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Refusal(
      `The logo benchmark draws its scenes with Debian's packages, and this system has no ` +
        `apt-get.\n  Missing: ${missing().join(', ')}\n  To fix it: run it in a container of debian:bookworm.`,
      11,
    );
  }
  if (process.getuid?.() !== 0) throw new Refusal(`Missing packages: ${missing().join(', ')}\n  To fix it: sudo sh -c '${INSTALL}'`, 11);
  process.stdout.write(`Installing ${missing().join(', ')} by apt …\n`);
  const { code } = await run('sh', ['-c', INSTALL], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (code !== 0 || missing().length > 0)
    throw new Refusal(`apt-get ended with ${code} and ${missing().join(', ')} missing; the lines above say why.`, 11);
}

function missing() {
  return PACKAGES.filter((name) => {
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
