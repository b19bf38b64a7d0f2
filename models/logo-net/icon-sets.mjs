// Icons of the npm packages that test/bench/logos/sources.json names, split by name: the 'anchor' of one set and that of another
// are one thing.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as simpleIcons from 'simple-icons';

const read = (name) => JSON.parse(readFileSync(new URL(`../../test/bench/logos/${name}`, import.meta.url), 'utf8'));
export const SOURCES = read('sources.json');
const { brands } = read('splits.json');

const LEAST_STEM = 4;
const VAL_SHARE = 0.12;
const MAX_PER_SET = 420;
const VARIANT =
  /-(fill|filled|bold|thin|light|duotone|outline|outlined|solid|sharp|negative|alt|rtl|dark|variant|off|slash|circle|square|box|icon|\d+)$/;
/** Too plain to be a mark, or one of dozens of a kind. */
const PLAIN_WORDS = [
  'arrow chevron caret align border text format layout table letter number numeric alpha minus plus line dots?',
  'menu grid signal battery square circle box brand logos? roman sort filter keyboard clock-time moon-phase face',
  'woman man person people family hand fist finger thumbs couple kiss men women boy girl baby backhand waving',
  'raised clapping pinch vulcan crossed foot leg ear nose',
];
const PLAIN = new RegExp(`(^|-)(${PLAIN_WORDS.join(' ').replaceAll(' ', '|')})`);

const slugs = Object.values(brands).flatMap(({ gallery, distractors }) => [...gallery, ...distractors]);
const heldOutStems = slugs.filter((slug) => slug.length >= LEAST_STEM);
const allBrands = new Set(
  Object.values(simpleIcons)
    .filter((icon) => icon?.path)
    .flatMap(({ slug, title }) => [slug, title.toLowerCase().replace(/[^a-z0-9]/g, '')]),
);
/** Brands of simple-icons for training: no split names them, nor is one's mark in theirs ('redisinsight' bears that of 'redis'). */
export const trainingBrands = Object.values(simpleIcons).filter(
  (icon) =>
    icon?.path &&
    !slugs.includes(icon.slug) &&
    !heldOutStems.some((stem) => icon.slug.startsWith(stem)) &&
    /^[\x20-\x7e]{2,16}$/.test(icon.title) &&
    icon.path.length > 80 &&
    icon.path.length < 8000,
);

/**
 * Icons of a part, one per name: `train` and `val` share the trained sets, `unseen` has sets of its own.
 * @returns { slug, svg, coloured } in an order that says nothing of the set
 */
export function iconsOf(part, modulesDir) {
  const chosen = new Map();
  for (const set of part === 'unseen' ? SOURCES.unseen : SOURCES.trained) {
    const { package: name, coloured = false } = SOURCES.sets[set];
    const collection = JSON.parse(readFileSync(join(modulesDir, name, 'icons.json'), 'utf8'));
    const candidates = Object.entries(collection.icons)
      .filter(([icon]) => !PLAIN.test(icon) && !collection.icons[icon].hidden)
      .map(([icon, parts]) => ({ set, icon, stem: stemOf(icon), parts, coloured, collection }))
      .filter(({ stem }) => part === 'unseen' || isVal(stem) === (part === 'val'))
      .filter(({ stem }) => mayUse(stem, coloured && part === 'unseen'))
      .sort((a, b) => order(a).localeCompare(order(b)));
    const most = part === 'val' ? MAX_PER_SET * VAL_SHARE : part === 'unseen' ? 1000 : MAX_PER_SET;
    let count = 0;
    for (const candidate of candidates) {
      if (count >= most) break;
      if (chosen.has(candidate.stem)) continue;
      chosen.set(candidate.stem, candidate);
      count++;
    }
  }
  return [...chosen.values()]
    .sort((a, b) => order(a).localeCompare(order(b)))
    .map(({ set, icon, parts, coloured, collection }) => ({
      slug: `${set}--${icon}`,
      coloured,
      body: parts.body,
      width: parts.width ?? collection.width ?? 16,
      height: parts.height ?? collection.height ?? 16,
    }));
}

const digest = (text) => createHash('sha256').update(text).digest();
const order = ({ set, icon }) => digest(`${set}/${icon}`).toString('hex');
const isVal = (stem) => digest(stem)[0] < 256 * VAL_SHARE;

function stemOf(icon) {
  for (let stem = icon, next; ; stem = next) {
    next = stem.replace(VARIANT, '');
    if (next === stem) return stem.replaceAll('-', '');
  }
}

/** No brand of val and test is trained on in another set's drawing; nor is a brand of simple-icons a brand never seen. */
function mayUse(stem, ofBrands) {
  if (ofBrands) return ![...allBrands].some((brand) => brand.length >= LEAST_STEM && (stem.startsWith(brand) || brand.startsWith(stem)));
  return !heldOutStems.some((held) => stem.startsWith(held));
}
