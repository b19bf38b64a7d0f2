// npm run bench:logos [-- --split val …]: makes scenes with known logos and prints how well, and at what cost, they are found.
import { readFileSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDebianPackages } from './lib/debian-packages.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runFromSource } from './lib/from-source.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main } from './lib/project.mjs';

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

/** Fonts of made-up names: val's and the test's, for sources besides simple-icons. */
const { fonts } = JSON.parse(readFileSync(new URL('../test/bench/logos/sources.json', import.meta.url), 'utf8'));
const args = process.argv.slice(2);
const needsFonts = args.some((arg) => /^(--source=)?(.*,)?(mixed|unseen)\b/.test(arg));
const packages = [...PACKAGES, ...(needsFonts ? [...Object.keys(fonts.val), ...Object.keys(fonts.test)] : [])];

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureDebianPackages(packages, 'The logo benchmark draws its scenes');
  await ensureBuilt();
  await runFromSource('test/bench/logos/main.ts', args);
});
