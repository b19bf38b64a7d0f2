import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import * as simpleIcons from 'simple-icons';
import { CACHE_DIR, fingerprint, HERE, madeOnce, SPLITS_FILE } from './cache-folder.js';
import type { Brand } from './gallery.js';
import { brandsOf, type Split } from './splits.js';

interface Icon {
  readonly slug: string;
  readonly title: string;
  readonly hex: string;
  readonly path: string;
}

/** Fonts of Debian's packages; names in them stand for the word marks that simple-icons has not. */
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
const KINDS = ['icon', 'icon', 'lockup', 'word'] as const;
const ICON_PX = 256;
const MAX_WIDTH_PX = 512;
const MAX_ASPECT = 8;

const icons = new Map(
  Object.values(simpleIcons as unknown as Record<string, Icon>)
    .filter((icon) => typeof icon.path === 'string')
    .map((icon) => [icon.slug, icon]),
);

const packageFile = new URL('package.json', import.meta.resolve('simple-icons'));
export const SIMPLE_ICONS_VERSION = (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;

/** Draws every brand of the split once, as an RGBA picture, and names them in `brands.json`; gives the folder. */
export function simpleIconsImages(split: Split): Promise<string> {
  const state = fingerprint([SPLITS_FILE, join(HERE, 'simple-icons-images.ts')], split, SIMPLE_ICONS_VERSION);
  return madeOnce(join(CACHE_DIR, `brands-${split}-${state}`), async (folder) => {
    const { gallery, distractors } = brandsOf(split);
    const made: Brand[] = [];
    for (const slug of [...gallery, ...distractors]) {
      const icon = icons.get(slug);
      const png = icon === undefined ? undefined : await drawn(icon);
      if (icon === undefined || png === undefined) {
        if (gallery.includes(slug))
          throw new Error(`simple-icons ${SIMPLE_ICONS_VERSION} has no usable '${slug}', which splits.json names`);
        continue;
      }
      await writeFile(join(folder, `${slug}.png`), png);
      made.push({ slug, hex: icon.hex, role: gallery.includes(slug) ? 'gallery' : 'distractor' });
    }
    await writeFile(join(folder, 'brands.json'), JSON.stringify(made));
  });
}

/** The icon alone, with its name, or the name alone: which, and in what font, follows from the slug. */
async function drawn(icon: Icon): Promise<Buffer | undefined> {
  const dice = createHash('sha256').update(icon.slug).digest();
  const kind = KINDS[dice[0]! % KINDS.length]!;
  const svg = kind === 'icon' ? iconSvg(icon) : nameSvg(icon, kind === 'lockup', dice);
  const png = await sharp(Buffer.from(svg)).png().toBuffer();
  const trimmed = await sharp(png)
    .trim({ background: { r: 0, g: 0, b: 0, alpha: 0 }, threshold: 1 })
    .toBuffer();
  const { width = 0, height = 0 } = await sharp(trimmed).metadata();
  if (Math.min(width, height) < 20 || width / height > MAX_ASPECT) return undefined;
  const target = Math.min(MAX_WIDTH_PX, Math.round(ICON_PX * Math.sqrt(width / height)));
  return sharp(trimmed).resize({ width: target, fit: 'inside' }).png().toBuffer();
}

function iconSvg({ hex, path }: Icon): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 ' +
    `24" width="${ICON_PX}" height="${ICON_PX}"><path fill="#${hex}" d="${path}"/></svg>`
  );
}

function nameSvg({ hex, path, title }: Icon, withIcon: boolean, dice: Buffer): string {
  const weight = dice[2]! < 154 ? 'bold' : 'normal';
  const style = dice[3]! < 51 ? 'italic' : 'normal';
  const font = `font-family="${FONTS[dice[1]! % FONTS.length]}" font-weight="${weight}" font-style="${style}" font-size="180"`;
  const icon = withIcon ? `<g transform="translate(10,40) scale(9.1)"><path fill="#${hex}" d="${path}"/></g>` : '';
  const name = title.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1600" ' +
    `height="300">${icon}<text x="${withIcon ? 260 : 20}" y="215" ${font} fill="#${hex}">${name}</text></svg>`
  );
}
