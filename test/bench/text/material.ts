import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPLITS_FILE } from '../logos/cache-folder.js';

export const SPLITS = ['val', 'test'] as const;
/** `val` is for tuning; `test` has other words, fonts and backgrounds and is looked at once, when all is done. */
export type Split = (typeof SPLITS)[number];

interface Material {
  /** The first clip's seed; the next ones follow it. */
  readonly seed: number;
  readonly fonts: readonly string[];
  readonly names: readonly string[];
  readonly roles: readonly string[];
  readonly places: readonly string[];
  readonly nouns: readonly string[];
  readonly verbs: readonly string[];
  readonly teams: readonly string[];
}

/** Every word is of one split only. */
export const MATERIAL: Readonly<Record<Split, Material>> = {
  val: {
    seed: 41_000,
    fonts: ['DejaVu Sans Bold', 'Open Sans', 'Liberation Serif', 'Quicksand Medium', 'Roboto Condensed Bold', 'Cantarell'],
    names: ['Alice Moreno', 'Peter Vance', 'Ingrid Holt', 'Samuel Okafor', 'Yuki Tanaka', 'Clara Whitfield', 'Diego Paredes'],
    roles: ['Chief Engineer', 'Weather Reporter', 'Member of Parliament', 'Head Coach', 'City Historian', 'Eyewitness'],
    places: ['Lisbon', 'Denver', 'Nairobi', 'Glasgow', 'Osaka', 'Bergen'],
    nouns: ['harbour', 'budget', 'bridge', 'festival', 'railway', 'storm', 'election', 'museum', 'harvest', 'airport'],
    verbs: ['closes after', 'wins', 'delays', 'welcomes', 'rejects', 'announces', 'reopens'],
    teams: ['LIS', 'DEN', 'NAI', 'GLA', 'OSA', 'BER'],
  },
  test: {
    seed: 52_000,
    fonts: ['Lato Bold', 'Roboto', 'Liberation Sans', 'Comfortaa', 'Carlito Bold', 'DejaVu Serif'],
    names: ['Marcus Bell', 'Fiona Grant', 'Tomas Lindqvist', 'Amara Diallo', 'Helen Fischer', 'Victor Rossi', 'Noor Haddad'],
    roles: ['Senior Economist', 'Stadium Announcer', 'Police Spokesman', 'Marine Biologist', 'Race Winner', 'Foreign Minister'],
    places: ['Hamburg', 'Toronto', 'Valencia', 'Cardiff', 'Seoul', 'Dakar'],
    nouns: ['volcano', 'contract', 'tunnel', 'orchestra', 'reactor', 'flood', 'verdict', 'library', 'vaccine', 'satellite'],
    verbs: ['survives', 'blocks', 'postpones', 'honours', 'launches', 'inspects', 'repairs'],
    teams: ['HAM', 'TOR', 'VAL', 'CAR', 'SEO', 'DAK'],
  },
};

/** Photographs and wallpapers of Debian's packages, below /usr/share; the logo benchmark says which are of which split. */
export function backgroundsOf(split: Split): string[] {
  const { backgrounds } = JSON.parse(readFileSync(SPLITS_FILE, 'utf8')) as { backgrounds: Record<Split, string[]> };
  return backgrounds[split].filter((file) => file.startsWith('backgrounds/mate/')).map((file) => join('/usr/share', file));
}
