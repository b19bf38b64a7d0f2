import { distance } from 'fastest-levenshtein';

/** Words come from people or from attackers. */
const MAX_CHARS = 80;

/**
 * The candidate that a misspelt word most likely meant, upper and lower case aside; undefined when none is near.
 * @example closest('Persn', ['person', 'car']) // 'person'
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const plain = plainOf(word);
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(plain, plainOf(candidate));
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  return best !== undefined && best.edits <= Math.max(2, Math.floor(word.length / 4)) ? best.candidate : undefined;
}

const plainOf = (word: string): string => word.toLowerCase().slice(0, MAX_CHARS);
