import { z } from 'zod';

/** White space of any kind and length: readers cannot tell the kinds apart. */
const SPACE = /\s+/gu;
/** What is drawn as nothing, or changes the order in which the rest is drawn. A blank braille pattern is no more than a blank either. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]/gu;
/** These mean something between two characters that are seen: joined emoji, letters of Persian and of Indic scripts, styles of emoji. */
const JOINER = /\u200C|\u200D|\uFE0E|\uFE0F/;
const SEEN = /[\p{L}\p{M}\p{N}\p{S}\p{P}]/u;

/**
 * Normalises a name for storing and comparing, so that names that look the same are the same: Unicode form NFC, single blanks inside,
 * none at the ends, no invisible characters. Returns an empty string if no visible character is left.
 *
 * @example displayName('  Cafe\u0301\u00A0 Müller\u200B ') === 'Café Müller'
 */
export function displayName(text: string): string {
  const spaced = text.normalize('NFC').replace(SPACE, ' ');
  const seen = spaced.replace(INVISIBLE, (character, at: number) => (joins(spaced, character, at) ? character : ''));
  const name = seen.replace(SPACE, ' ').trim();
  return SEEN.test(name) ? name : '';
}

/**
 * The schema of a name or title that people give: taken as {@link displayName} makes it, refused where nothing of it can be seen.
 * @param maxChars after that
 * @example z.object({ title: nameSchema(200), labels: z.array(nameSchema(100)) })
 */
export const nameSchema = (maxChars: number) =>
  z
    .string()
    .overwrite(displayName)
    .min(1, 'at least one character that can be seen')
    .max(maxChars)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters and no half of a character');

function joins(text: string, character: string, at: number): boolean {
  if (!JOINER.test(character)) return false;
  const before = [...text.slice(0, at)].at(-1) ?? '';
  const after = [...text.slice(at + character.length)][0] ?? '';
  const isStyle = character >= '\uFE00';
  // A style stands behind what it changes, and may be followed by a joiner.
  return isStyle
    ? SEEN.test(before) && !isIgnored(before)
    : (SEEN.test(before) || before >= '\uFE00') && SEEN.test(after) && !isIgnored(after);
}

const isIgnored = (character: string): boolean => /^[\p{Default_Ignorable_Code_Point}\u2800]$/u.test(character);
