import { cursorAt } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';

/**
 * The page that rows make, of which one more than `limit` was asked for: that one says that there is a next page.
 * @param key what the list is ordered by, of a row
 */
export function pageOfRows<Row, Wire>(
  found: readonly Row[],
  limit: number,
  toWire: (row: Row) => Wire,
  key: (row: Row) => readonly (string | number)[],
): Page<Wire> {
  const kept = found.slice(0, limit);
  const last = found.length > limit ? kept.at(-1) : undefined;
  return { items: kept.map(toWire), next: last === undefined ? null : cursorAt(key(last)) };
}

/** The pages of a list, one after the other. @param read the page after a cursor; undefined: the first */
export async function* pagesOf<T>(read: (after: string | undefined) => Promise<Page<T>>): AsyncGenerator<T[], void, void> {
  for (let after: string | undefined; ;) {
    const { items, next } = await read(after);
    yield items;
    if (next === null) return;
    after = next;
  }
}
