import { distance } from 'fastest-levenshtein';

/** In words of at least this many letters, one letter may be wrong: readers take one for another now and then. */
const TOLERANT_LETTERS = 6;

interface WatchedPhrase {
  readonly phrase: string;
  readonly words: readonly string[];
}

/** Looks for words and phrases in texts: whole words, whatever their case and accents, with one wrong letter in long ones. */
export class WatchedWords {
  private readonly phrases: readonly WatchedPhrase[];

  constructor(phrases: readonly string[]) {
    this.phrases = [...new Set(phrases)].map((phrase) => ({ phrase, words: wordsOf(phrase) })).filter(({ words }) => words.length > 0);
  }

  /** Those that occur in the text, as they were given. */
  in(text: string): string[] {
    const said = wordsOf(text);
    return this.phrases.filter(({ words }) => occurs(words, said)).map(({ phrase }) => phrase);
  }
}

function occurs(words: readonly string[], said: readonly string[]): boolean {
  return said.some((_, from) => from + words.length <= said.length && words.every((word, i) => isSameWord(word, said[from + i]!)));
}

function isSameWord(wanted: string, said: string): boolean {
  if (wanted === said) return true;
  return wanted.length >= TOLERANT_LETTERS && Math.abs(wanted.length - said.length) <= 1 && distance(wanted, said) <= 1;
}

/** Runs of letters and digits; accents are marks that decomposition sets apart. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}
