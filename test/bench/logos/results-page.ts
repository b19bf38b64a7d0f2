import { join } from 'node:path';
import { HERE } from './cache-folder.js';
import { writeSection } from '../page-section.js';
import type { Source } from './sources.js';
import type { Split } from './splits.js';

const PAGE = join(HERE, '..', '..', '..', 'docs', 'reference', 'analyzers', 'logo-benchmark.md');

/**
 * Replaces the results of a split, of a source, in the page.
 * @param bySize whether several sizes of gallery were measured: these have a section of their own
 * @returns where the page is
 */
export function writeResults(source: Source, split: Split, bySize: boolean, markdown: string): string {
  const name = [split, ...(source === 'simple-icons' ? [] : [source]), ...(bySize ? ['galleries'] : [])].join(' ');
  writeSection(PAGE, { begin: `<!-- results: ${name} -->`, end: `<!-- end of results: ${name} -->` }, `\n${markdown}\n`);
  return PAGE;
}
