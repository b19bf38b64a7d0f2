import { z } from 'zod';
import { apiError } from '../errors/api.errors.js';

/** What a list is ordered by, and the largest value that has room in its column. */
const LARGEST = {
  /** µs since 1970 */
  instantUs: BigInt(Date.UTC(9999, 0, 1)) * 1000n,
  rowId: 2n ** 63n - 1n,
  ordinal: 2n ** 31n - 1n,
} as const;
export type CursorPart = keyof typeof LARGEST;

/** The `next` of a page, by which the page after it is asked for; opaque to clients, and good for the list and the order it came from. */
export const listCursor = z.string().regex(/^\d{1,19}(\.\d{1,19}){0,2}$/, 'the `next` of the page before');

/** A cursor at the row that is ordered by these values. */
export const cursorAt = (values: readonly (string | number)[]): string => values.join('.');

/**
 * The values that a cursor stands for.
 * @throws VD_API_INVALID for one of another list, or of no list
 * @example cursorParts('1767225600000000.42', ['instantUs', 'rowId']) // ['1767225600000000', '42']
 */
export function cursorParts(cursor: string, parts: readonly CursorPart[]): string[] {
  const values = listCursor.safeParse(cursor).data?.split('.');
  if (values?.length !== parts.length || values.some((value, at) => BigInt(value) > LARGEST[parts[at]!]))
    throw apiError('VD_API_INVALID', 'after: not a cursor of this list');
  return values;
}
