import { readFileSync, statSync } from 'node:fs';
import { mistakenFor } from '../runtime/mistaken-file.js';

const MAX_SECRET_BYTES = 64_000;
const READABLE_BY_ALL = 0o004;

/** A secret's file as it was found. */
export interface SecretFile {
  readonly text: string;
  /** Every account of this machine can read it. */
  readonly isOpenToAll: boolean;
}

/**
 * Reads a file that holds one secret; white space around it does not count.
 * @throws a plain error that says what is wrong with the file, and nothing of what is in it
 */
export function readSecretFile(file: string): SecretFile {
  const facts = statSync(file);
  // A pipe or a device would be read for ever.
  if (!facts.isFile()) throw new Error('it is not a regular file');
  if (facts.size > MAX_SECRET_BYTES) throw new Error(`the file is larger than ${MAX_SECRET_BYTES} bytes`);
  const bytes = readFileSync(file);
  const mistake = mistakenFor(bytes);
  if (mistake !== null) throw new Error(mistake);
  const text = bytes.toString('utf8').trim();
  if (text === '') throw new Error('the file is empty');
  return { text, isOpenToAll: process.platform !== 'win32' && (facts.mode & READABLE_BY_ALL) !== 0 };
}
