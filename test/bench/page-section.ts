import { readFileSync, writeFileSync } from 'node:fs';

/** The marks of a section of a page that a benchmark writes. */
export const AGREEMENT: SectionMarks = { begin: '<!-- agreement: begin -->', end: '<!-- agreement: end -->' };

export interface SectionMarks {
  readonly begin: string;
  readonly end: string;
}

/**
 * Replaces what stands between two marks of a page; all else there is written by hand.
 * @throws where the page has no such marks
 */
export function writeSection(page: string | URL, { begin, end }: SectionMarks, text: string): void {
  const before = readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${String(page)} has no '${begin}' … '${end}'`);
  writeFileSync(page, `${before.slice(0, from + begin.length)}\n${text}\n${before.slice(to)}`);
}
