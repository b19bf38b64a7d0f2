import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CACHE_DIR, fingerprint, HERE, madeOnce, SPLITS_FILE } from './cache-folder.js';
import { finished } from './finished.js';
import { simpleIconsImages } from './simple-icons-images.js';
import type { Split } from './splits.js';

export const SOURCES = ['simple-icons', 'mixed', 'unseen'] as const;
/**
 * Where the marks come from. `mixed`: names and icons of the sets that the network is trained on, held out of it (val only).
 * `unseen`: sets and fonts that neither training nor val has anything of (test only).
 */
export type Source = (typeof SOURCES)[number];

const ONLY_SPLIT: Readonly<Partial<Record<Source, Split>>> = { mixed: 'val', unseen: 'test' };
const SOURCES_FILE = join(HERE, 'sources.json');
const MAKER_DIR = resolve(HERE, '../../../models/logo-net');

/** @throws Error where the source has no such split */
export function checkSource(source: Source, split: Split): void {
  const only = ONLY_SPLIT[source];
  if (only !== undefined && only !== split) throw new Error(`--source ${source} goes with --split ${only}`);
}

/** Draws every mark of a source once, as an RGBA picture, and names them in `brands.json`; gives the folder. */
export async function brandImages(source: Source, split: Split): Promise<string> {
  if (source === 'simple-icons') return simpleIconsImages(split);
  const makers = ['make-references.mjs', 'icon-sets.mjs', 'marks.mjs'].map((name) => join(MAKER_DIR, name));
  const state = fingerprint([SOURCES_FILE, SPLITS_FILE, ...makers], source);
  const part = source === 'mixed' ? 'val' : 'unseen';
  return madeOnce(join(CACHE_DIR, `brands-${source}-${state}`), async (folder) => {
    await finished(process.execPath, [makers[0]!, '--part', part, '--icons', await iconSets(), folder]);
  });
}

/** The icon sets' npm packages, at the versions in `sources.json`; gives their `node_modules`. */
async function iconSets(): Promise<string> {
  const { sets } = JSON.parse(readFileSync(SOURCES_FILE, 'utf8')) as { sets: Record<string, { package: string; version: string }> };
  const wanted = Object.values(sets).map((set) => `${set.package}@${set.version}`);
  const folder = await madeOnce(join(CACHE_DIR, `icon-sets-${fingerprint([SOURCES_FILE])}`), async (unfinished) => {
    await mkdir(unfinished, { recursive: true });
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--silent'];
    await finished('npm', ['install', '--prefix', unfinished, ...quietly, ...wanted]);
  });
  return join(folder, 'node_modules');
}
