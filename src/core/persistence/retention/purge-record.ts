import type { Query } from '../database.js';

export type PurgedKind = 'media' | 'results' | 'rows';

/**
 * Puts on record what went, in the transaction in which it goes.
 * @param gone what, under a stream's id or a day each
 */
export async function recordPurged(
  query: Query,
  keeper: string,
  what: PurgedKind,
  why: string,
  gone: readonly { readonly scope: string; readonly bytes: number; readonly items?: number }[],
): Promise<void> {
  if (gone.length === 0) return;
  await query(RECORD, [
    keeper,
    what,
    why,
    gone.map(({ scope }) => scope),
    gone.map(({ items = 1 }) => items),
    gone.map(({ bytes }) => bytes),
  ]);
}

const RECORD = `
INSERT INTO purged AS p (hour, keeper, what, why, scope, items, bytes)
SELECT date_trunc('hour', now()), $1, $2, $3, scope, sum(items), sum(bytes)
FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS g(scope, items, bytes)
GROUP BY scope ORDER BY scope
ON CONFLICT (hour, keeper, what, why, scope) DO UPDATE SET items = p.items + EXCLUDED.items, bytes = p.bytes + EXCLUDED.bytes`;
