// npm run bench:text [-- --split val …]: makes clips with known text and prints how much of it is read, beside Tesseract.
import { ensureDebianPackages } from './lib/debian-packages.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runFromSource } from './lib/from-source.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main } from './lib/project.mjs';

/** Fonts and backgrounds of the scenes, and what Vedette is compared with. */
const PACKAGES = [
  ...['tesseract-ocr', 'mate-backgrounds', 'fontconfig', 'fonts-cantarell', 'fonts-comfortaa', 'fonts-crosextra-carlito'],
  ...['fonts-dejavu-core', 'fonts-lato', 'fonts-liberation', 'fonts-open-sans', 'fonts-quicksand', 'fonts-roboto'],
];

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureDebianPackages(PACKAGES, 'The text benchmark draws its scenes');
  await runFromSource('test/bench/text/main.ts', process.argv.slice(2));
});
