// node make-references.mjs --part train|val|unseen --icons FOLDER OUT
// Draws marks of many sources as RGBA files, and brands.json, which names them.
// FOLDER is the node_modules that holds the icon sets of test/bench/logos/sources.json (README.md says how it comes about).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { iconsOf, SOURCES, trainingBrands } from './icon-sets.mjs';
import { badge, colour, dice, emblem, iconMark, lockup, madeUpName, nameMark } from './marks.mjs';

const SIDE_PX = 200;
const MAX_RATIO = 7;
/** Marks of a gallery are told from one another by their shape. */
const MAX_LIKENESS = 0.85;
const THUMB_PX = 24;
/** Likeness to its mirror image from which a mark is taken for symmetric. */
const MAX_LIKENESS_TURNED = 0.65;
/** What a benchmark looks for: the first 24 stand in its scenes; the others only have to be told from what does. */
const GALLERY = { shown: 24, rest: 476, distractors: 126, turned: 24 };
const WORDS = { train: 1300, val: 260, unseen: 260 };
const EMBLEMS = { train: 700, val: 70, unseen: 70 };

const { values, positionals } = parseArgs({
  options: { part: { type: 'string', default: 'train' }, icons: { type: 'string' } },
  allowPositionals: true,
});
const [folder] = positionals;
const { part, icons: modulesDir } = values;
if (folder === undefined || modulesDir === undefined || !(part in WORDS))
  throw new Error('node make-references.mjs --part train|val|unseen --icons FOLDER OUT');
const fonts = Object.values(SOURCES.fonts[part === 'unseen' ? 'test' : part]).flat();
const seedOf = (text) => createHash('sha256').update(`${part}/${text}`).digest().readUInt32LE();
const backgrounds = JSON.parse(readFileSync(new URL('../../test/bench/logos/splits.json', import.meta.url), 'utf8')).backgrounds;
mkdirSync(folder, { recursive: true });

const photos = await Promise.all(
  backgrounds[part === 'unseen' ? 'test' : part].map(
    async (path) => await sharp(join('/usr/share', path)).resize({ width: 900 }).jpeg().toBuffer(),
  ),
);
const photoFor = async (d) => {
  const photo = d.pick(photos);
  const { width, height } = await sharp(photo).metadata();
  const side = Math.floor(d.between(120, height - 1));
  const cut = { left: Math.floor(d.between(0, width - side)), top: Math.floor(d.between(0, height - side)), width: side, height: side };
  return (await sharp(photo).extract(cut).resize(280, 280).jpeg().toBuffer()).toString('base64');
};

requireFonts();
const marks = await drawings();
await (part === 'train' ? writeAll() : writeGallery());

/** Another font would be put in silently, and val's or the test's fonts be those that were trained. */
function requireFonts() {
  const known = new Set(execFileSync('fc-list', ['--format', '%{family}\\n'], { encoding: 'utf8' }).split(/[,\n]/));
  const missing = Object.entries(SOURCES.fonts[part === 'unseen' ? 'test' : part]).filter(
    ([, families]) => !families.every((name) => known.has(name)),
  );
  if (missing.length > 0) throw new Error(`Missing fonts: apt-get install ${missing.map(([name]) => name).join(' ')}`);
}

/** { slug, coloured, fill, svg }, in an order that says nothing of the source. */
async function drawings() {
  const icons = iconsOf(part, modulesDir);
  const made = icons.map((icon) => {
    const d = dice(seedOf(icon.slug));
    const fill = colour(d);
    const lot = d.random();
    const name = () => madeUpName(d);
    if (lot < 0.6 || (icon.coloured && lot < 0.8)) return { ...icon, fill, svg: iconMark(icon, fill) };
    if (lot < 0.8 || icon.coloured) {
      const { svg, coloured } = lockup(d, icon, name(), fonts, fill);
      return { ...icon, fill, svg, coloured: icon.coloured || coloured };
    }
    return { ...icon, fill, svg: badge(d, icon, fill) };
  });
  for (let i = 0; i < WORDS[part]; i++) {
    const d = dice(seedOf(`word ${i}`));
    const fill = colour(d);
    made.push({ slug: `word--${i}`, fill, ...nameMark(d, madeUpName(d), fonts, fill) });
  }
  const plain = icons.filter(({ coloured }) => !coloured);
  for (let i = 0; i < EMBLEMS[part]; i++) {
    const d = dice(seedOf(`emblem ${i}`));
    const photo = d.chance(0.3) ? await photoFor(d) : undefined;
    made.push({ slug: `emblem--${i}`, fill: colour(d), coloured: true, svg: emblem(d, d.pick(plain), madeUpName(d), fonts, photo) });
  }
  if (part === 'train') {
    for (const { slug, path, title } of trainingBrands) {
      const d = dice(seedOf(slug));
      const icon = { body: `<path d="${path}"/>`, width: 24, height: 24 };
      const fill = colour(d);
      const lot = d.random();
      const drawn =
        lot < 0.6
          ? { svg: iconMark(icon, fill), coloured: false }
          : lot < 0.8
            ? lockup(d, icon, title, fonts, fill)
            : nameMark(d, title, fonts, fill);
      made.push({ slug: `simple--${slug}`, fill, ...drawn });
    }
  }
  return made.sort((a, b) => seedOf(a.slug) - seedOf(b.slug));
}

async function writeAll() {
  const brands = [];
  for (const mark of marks) {
    const png = await drawn(mark);
    if (png === undefined) continue;
    writeFileSync(join(folder, `${mark.slug}.png`), png);
    brands.push({ slug: mark.slug, coloured: mark.coloured });
  }
  writeFileSync(join(folder, 'brands.json'), JSON.stringify(brands));
  console.log(`${brands.length} marks in ${folder}`);
}

/** Gallery, distractors, and marks of the gallery mirrored and turned, which are nobody's. */
async function writeGallery() {
  const kept = [];
  const roles = [
    ...Array(GALLERY.shown).fill('gallery'),
    ...Array(GALLERY.distractors).fill('distractor'),
    ...Array(GALLERY.rest).fill('rest'),
  ];
  for (const mark of marks) {
    if (kept.length === roles.length) break;
    const png = await drawn(mark);
    if (png === undefined) continue;
    const thumb = await thumbOf(png);
    if (kept.some((other) => likeness(other.thumb, thumb) > MAX_LIKENESS)) continue;
    kept.push({ ...mark, png, thumb, role: roles[kept.length] });
  }
  const turned = [];
  for (const { slug, png, thumb, ...rest } of kept.filter(({ role }) => role === 'gallery')) {
    for (const [name, turn] of [
      ['mirrored', (image) => image.flop()],
      ['turned', (image) => image.rotate(90)],
    ]) {
      const other = await turn(sharp(png)).png().toBuffer();
      if (turned.length < GALLERY.turned && likeness(await thumbOf(other), thumb) < MAX_LIKENESS_TURNED)
        turned.push({ ...rest, slug: `${slug}~${name}`, png: other, role: 'distractor' });
    }
  }
  const brands = [...kept, ...turned].map(({ slug, coloured, fill, png, role }) => {
    writeFileSync(join(folder, `${slug}.png`), png);
    return { slug, hex: coloured ? null : fill.slice(1), role };
  });
  writeFileSync(join(folder, 'brands.json'), JSON.stringify(brands));
  console.log(`${brands.length} marks in ${folder}`);
}

async function drawn({ slug, svg }) {
  try {
    const page = await sharp(Buffer.from(svg)).png().toBuffer();
    const trimmed = await sharp(page)
      .trim({ background: { r: 0, g: 0, b: 0, alpha: 0 }, threshold: 1 })
      .toBuffer();
    const { width, height } = await sharp(trimmed).metadata();
    if (Math.min(width, height) < 20 || width / height > MAX_RATIO || height / width > MAX_RATIO) return undefined;
    const scale = Math.min(1, SIDE_PX / Math.sqrt(width * height));
    return await sharp(trimmed)
      .resize({ width: Math.round(width * scale) })
      .ensureAlpha()
      .png()
      .toBuffer();
  } catch (error) {
    console.error(`${slug} cannot be drawn: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Dark on white, by ink, of zero mean and unit length. */
async function thumbOf(png) {
  const flat = await sharp(png)
    .flatten({ background: '#fff' })
    .greyscale()
    .resize(THUMB_PX, THUMB_PX, { fit: 'contain', background: '#fff' })
    .raw()
    .toBuffer();
  const mean = flat.reduce((sum, value) => sum + value, 0) / flat.length;
  const centred = Float64Array.from(flat, (value) => value - mean);
  const length = Math.hypot(...centred) || 1;
  return centred.map((value) => value / length);
}

function likeness(a, b) {
  return Math.abs(a.reduce((sum, value, i) => sum + value * b[i], 0));
}
