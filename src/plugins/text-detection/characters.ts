import type { TextDetectionConfig } from './config.js';
import { textError } from './errors.js';

/** Letters, digits and signs that Latin scripts are written with; what is drawn wide for East Asian text is written plainly. */
const LATIN = /^[\p{Script=Latin}\p{Nd}\p{ASCII}°§£€¥©®±×÷·´]$/u;

/** What the network's classes mean: a blank first, then its list, then the space. */
export interface Alphabet {
  /** What is written for a class; '' for the blank. */
  readonly written: readonly string[];
  /** Classes that may be read, the blank among them; undefined: all. */
  readonly allowed: readonly number[] | undefined;
}

/** @throws VD_TEXT_UNREADABLE_CHARACTERS for characters of `allow` that the network has no class for */
export function alphabetOf(characters: readonly string[], { alphabet, allow }: Pick<TextDetectionConfig, 'alphabet' | 'allow'>): Alphabet {
  const written = ['', ...characters.map(plain), ' '];
  const only = allow === undefined ? undefined : new Set([...allow].map(plain));
  const unknown = only && [...only].filter((character) => !written.includes(character));
  if (unknown !== undefined && unknown.length > 0)
    throw textError(
      'VD_TEXT_UNREADABLE_CHARACTERS',
      `allow: the network cannot read ${unknown.map((each) => JSON.stringify(each)).join(', ')}`,
    );
  if (only === undefined && alphabet === 'any') return { written, allowed: undefined };
  const isAllowed = (character: string): boolean => only?.has(character) ?? LATIN.test(character);
  return {
    written,
    allowed: written.flatMap((character, index) => (character === '' || character === ' ' || isAllowed(character) ? [index] : [])),
  };
}

/** Full-width forms (U+FF01 to U+FF5E) are what they are called: forms. */
const plain = (character: string): string => (/^[\uff01-\uff5e]$/.test(character) ? character.normalize('NFKC') : character);
