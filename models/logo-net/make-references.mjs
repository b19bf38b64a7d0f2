// node make-references.mjs FOLDER: the alpha masks of all brands that may be trained on, as grey PNG files.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as simpleIcons from 'simple-icons';
import sharp from 'sharp';

const FONTS = [
  'Lato',
  'Roboto',
  'Open Sans',
  'Comfortaa',
  'Liberation Serif',
  'DejaVu Sans',
  'Cantarell',
  'Quicksand',
  'Lato Black',
  'Liberation Sans Narrow',
  'Noto Serif',
  'Carlito',
];
const KINDS = ['icon', 'icon', 'icon', 'lockup', 'word'];
const SIDE_PX = 220;
const LEAST_STEM = 4;

const { brands } = JSON.parse(readFileSync(new URL('../../test/bench/logos/splits.json', import.meta.url), 'utf8'));
const heldOut = new Set(Object.values(brands).flatMap(({ gallery, distractors }) => [...gallery, ...distractors]));
// 'redisinsight' bears the mark of 'redis'.
const stems = [...heldOut].filter((slug) => slug.length >= LEAST_STEM);
const mayTrain = ({ slug, title, path }) =>
  !heldOut.has(slug) &&
  !stems.some((stem) => slug.startsWith(stem)) &&
  /^[\x20-\x7e]{2,16}$/.test(title) &&
  path.length > 80 &&
  path.length < 8000;

let state = 4321;
const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
const pick = (list) => list[Math.floor(random() * list.length)];

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('node make-references.mjs FOLDER');
mkdirSync(folder, { recursive: true });
let made = 0;
for (const icon of Object.values(simpleIcons).filter((entry) => entry?.path && mayTrain(entry))) {
  const drawn = await sharp(Buffer.from(svgOf(icon)))
    .png()
    .toBuffer();
  const trimmed = await sharp(drawn)
    .trim({ background: { r: 0, g: 0, b: 0, alpha: 0 }, threshold: 1 })
    .toBuffer();
  const { width, height } = await sharp(trimmed).metadata();
  if (Math.min(width, height) < 20 || width / height > 7) continue;
  const scale = Math.min(1, SIDE_PX / Math.sqrt(width * height));
  await sharp(trimmed)
    .resize({ width: Math.round(width * scale) })
    .extractChannel(3)
    .png()
    .toFile(join(folder, `${icon.slug}.png`));
  made++;
}
console.log(`${made} brands in ${folder}`);

function svgOf({ title, path }) {
  const [kind, font, weight, style] = [pick(KINDS), pick(FONTS), random() < 0.6 ? 'bold' : 'normal', random() < 0.2 ? 'italic' : 'normal'];
  if (kind === 'icon')
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="256" height="256"><path d="${path}"/></svg>`;
  const cased = random() < 0.2 ? title.toUpperCase() : random() < 0.25 ? title.toLowerCase() : title;
  const name = cased.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const mark = kind === 'lockup' ? `<g transform="translate(10,40) scale(9.1)"><path d="${path}"/></g>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="300">${mark}<text x="${mark ? 260 : 20}" y="215" font-family="${font}" font-weight="${weight}" font-style="${style}" font-size="180">${name}</text></svg>`;
}
