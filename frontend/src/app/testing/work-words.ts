import { en } from '../features/placement/i18n/en';
import type { Words } from '../features/placement/words';
import { formatsOf } from './formats';
import { sayOf } from './say';

/** The words of the page of work in English, for tests. */
export const WORDS: Words = { t: sayOf(en), as: formatsOf() };
