import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HERE } from './cache-folder.js';
import type { Split } from './splits.js';

const PAGE = join(HERE, '..', '..', '..', 'docs', 'reference', 'analyzers', 'logo-benchmark.md');

/** Replaces a split's results in the page, between its two marks; all else there is written by hand. */
export function writeResults(split: Split, markdown: string): string {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- results: ${split} -->`, `<!-- end of results: ${split} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no '${begin}' … '${end}'`);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n\n${markdown}\n\n${page.slice(to)}`);
  return PAGE;
}
