import { brandError } from '../errors/brand.errors.js';

/** An icon of the package `simple-icons`: one path on a 24 x 24 canvas. */
export interface BrandIcon {
  readonly slug: string;
  readonly title: string;
  /** `#rrggbb`, lower case. */
  readonly colour: string;
  readonly svg: string;
}

interface PackagedIcon {
  readonly slug: string;
  readonly title: string;
  readonly hex: string;
  readonly path: string;
}

export const MAX_ICONS = 50;

/** Searches the brands that `simple-icons` knows. The package is loaded with the first question. */
export class BrandIcons {
  private icons: Promise<ReadonlyMap<string, PackagedIcon>> | undefined;

  /** Best first: those that begin with the words, then those that hold them; by title. */
  async search(query: string, limit = MAX_ICONS): Promise<BrandIcon[]> {
    const wanted = folded(query);
    if (wanted === '') return [];
    const found: { icon: PackagedIcon; rank: number }[] = [];
    for (const icon of (await this.all()).values()) {
      const rank = rankOf(icon, wanted);
      if (rank !== null) found.push({ icon, rank });
    }
    found.sort((a, b) => a.rank - b.rank || a.icon.title.localeCompare(b.icon.title, 'en'));
    return found.slice(0, Math.min(limit, MAX_ICONS)).map(({ icon }) => brandIcon(icon));
  }

  /** @throws VD_BRAND_ICON_UNKNOWN, with the closest ones there are */
  async one(slug: string): Promise<BrandIcon> {
    const icon = (await this.all()).get(slug);
    if (icon !== undefined) return brandIcon(icon);
    const near = (await this.search(slug, 3)).map((other) => other.slug);
    throw brandError(
      'VD_BRAND_ICON_UNKNOWN',
      `There is no icon ${JSON.stringify(slug)}${near.length === 0 ? '' : `; near it are ${near.join(', ')}`}.`,
    );
  }

  private all(): Promise<ReadonlyMap<string, PackagedIcon>> {
    this.icons ??= import('simple-icons').then(
      (icons) =>
        new Map(
          Object.values<unknown>({ ...icons })
            .filter(isIcon)
            .map((icon) => [icon.slug, icon]),
        ),
    );
    return this.icons;
  }
}

const isIcon = (value: unknown): value is PackagedIcon => typeof value === 'object' && value !== null && 'slug' in value && 'path' in value;

/** Without case, accents, spaces and signs: "Coca-Cola" is found as "coca cola". */
const folded = (text: string): string =>
  text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

function rankOf({ slug, title }: PackagedIcon, wanted: string): number | null {
  const name = folded(title);
  if (slug === wanted || name === wanted) return 0;
  if (slug.startsWith(wanted) || name.startsWith(wanted)) return 1;
  return slug.includes(wanted) || name.includes(wanted) ? 2 : null;
}

function brandIcon({ slug, title, hex, path }: PackagedIcon): BrandIcon {
  const colour = `#${hex.toLowerCase()}`;
  return {
    slug,
    title,
    colour,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="96" height="96" fill="${colour}"><path d="${path}"/></svg>`,
  };
}
