import { readFileSync } from 'node:fs';
import { SPLITS_FILE } from './cache-folder.js';

export const SPLITS = ['val', 'test'] as const;
/** `val` is for building and tuning; `test` has other brands and backgrounds and is looked at when all is done. */
export type Split = (typeof SPLITS)[number];

export interface SplitBrands {
  /** Looked for; slugs of simple-icons. */
  readonly gallery: readonly string[];
  /** Stand in the same scenes and are nobody's business. */
  readonly distractors: readonly string[];
}

/** All that no split names is for training. */
export function brandsOf(split: Split): SplitBrands {
  return (JSON.parse(readFileSync(SPLITS_FILE, 'utf8')) as { brands: Record<Split, SplitBrands> }).brands[split];
}
