// npm run bench:text [-- --split val …]: makes clips with known text and prints how much of it is read, beside Tesseract.
import { join } from 'node:path';
import { ensureDebianPackages } from './lib/debian-packages.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main, PINNED_NODE, projectEnvironment, ROOT, run } from './lib/project.mjs';

/** Fonts and backgrounds of the scenes, and what Vedette is compared with. */
const PACKAGES = [
  ...['tesseract-ocr', 'mate-backgrounds', 'fontconfig', 'fonts-cantarell', 'fonts-comfortaa', 'fonts-crosextra-carlito'],
  ...['fonts-dejavu-core', 'fonts-lato', 'fonts-liberation', 'fonts-open-sans', 'fonts-quicksand', 'fonts-roboto'],
];

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureDebianPackages(PACKAGES, 'The text benchmark draws its scenes');
  const fromSource = [
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--conditions=vedette-source',
    '--import',
    './test/support/analysis/run-from-source.mjs',
  ];
  const bench = join(ROOT, 'test', 'bench', 'text', 'main.ts');
  const { code } = await run(PINNED_NODE, [...fromSource, bench, ...process.argv.slice(2)], { env: projectEnvironment() });
  process.exitCode = code;
});
