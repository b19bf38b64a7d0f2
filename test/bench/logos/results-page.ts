import { join } from 'node:path';
import { HERE } from './cache-folder.js';
import { writeSection } from '../page-section.js';
import type { Split } from './splits.js';

const PAGE = join(HERE, '..', '..', '..', 'docs', 'reference', 'analyzers', 'logo-benchmark.md');

/** Replaces a split's results in the page. @returns where the page is */
export function writeResults(split: Split, markdown: string): string {
  writeSection(PAGE, { begin: `<!-- results: ${split} -->`, end: `<!-- end of results: ${split} -->` }, `\n${markdown}\n`);
  return PAGE;
}
