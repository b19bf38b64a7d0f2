import type { ApiClient } from '../../api/api-client';
import type { Moment, PastRange } from '../../core/player-clock';
import { StreamView } from '../../core/stream-view';

/** So much before the moment that was asked for can be gone back to at once. */
const BEFORE_MS = 300_000;
/** A playlist of the past is so long; at its end the next one is opened. */
const AFTER_MS = 1_500_000;

export interface PastRangeParts {
  readonly api: Pick<ApiClient, 'pages'>;
  serverNow(): number;
  onError(error: unknown): void;
}

/** A stretch of a stream's past around a moment: what to play of it, and what was found in it. */
export function pastRange(streamId: string, start: Moment, { api, serverNow, onError }: PastRangeParts): PastRange {
  const [fromMs, toMs] = [start.atMs - BEFORE_MS, start.atMs + AFTER_MS].map(Math.floor) as [number, number];
  const view = new StreamView(streamId, api, serverNow, onError);
  view.around(start.atMs);
  void view.loadEvents(fromMs, Math.min(toMs, serverNow()));
  return { url: `/streaming/${streamId}/dvr.m3u8?from=${fromMs}&to=${toMs}`, start, toMs, view };
}
