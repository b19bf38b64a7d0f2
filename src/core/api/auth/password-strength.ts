import { userError } from '../../errors/user.errors.js';

const LEAST_CHARS = 10;
const LEAST_DIFFERENT = 5;

/** Refuses what is guessed first. Length counts, and nothing is asked about kinds of characters. @throws VD_USER_PASSWORD_WEAK */
export function requireStrong(password: string, name: string): void {
  const characters = [...password.normalize('NFKC')];
  const folded = characters.join('').toLowerCase();
  if (characters.length < LEAST_CHARS) throw weak(`It has ${characters.length} characters; ${LEAST_CHARS} are needed.`);
  if (new Set(folded).size < LEAST_DIFFERENT) throw weak('It repeats very few characters.');
  if (folded.replaceAll(name.toLowerCase(), '').length < LEAST_DIFFERENT) throw weak('It is hardly more than the name.');
}

const weak = (why: string): Error => userError('VD_USER_PASSWORD_WEAK', why);
