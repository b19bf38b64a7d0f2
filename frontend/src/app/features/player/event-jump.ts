import type { ApiClient } from '../../api/api-client';
import type { EventWire } from '../../api/models';

/** Of what has begun so short ago one is at the beginning still. */
const HERE_MS = 1_000;
/** Events that touch a moment come in the order in which they began: among so many is the next one that begins. */
const LOOKED_THROUGH = 50;
const DAY_MS = 86_400_000;
/** As far as the API lists events at once. */
const FURTHEST_MS = 30 * DAY_MS;

/** The event that began last before a moment, or first after it; null where there is none within a month. */
export async function neighbourEvent(
  api: Pick<ApiClient, 'page'>,
  streamId: string,
  atMs: number,
  isNext: boolean,
): Promise<EventWire | null> {
  const within = isNext
    ? { from: isoOf(atMs), to: isoOf(atMs + FURTHEST_MS), order: 'asc' }
    : { from: isoOf(atMs - FURTHEST_MS), to: isoOf(atMs - HERE_MS), order: 'desc' };
  const { items } = await api.page(streamId, 'events', { ...within, limit: LOOKED_THROUGH });
  return items.find(({ startAt }) => (isNext ? Date.parse(startAt) > atMs + 50 : Date.parse(startAt) < atMs - HERE_MS)) ?? null;
}

const isoOf = (ms: number): string => new Date(Math.round(ms)).toISOString();
