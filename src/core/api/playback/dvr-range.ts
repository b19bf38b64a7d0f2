import { DAY_MS, HOUR_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import type { MediaRange } from '../../persistence/read/range-reads.js';

export interface AskedRange {
  /** ms since 1970. */
  readonly from: number;
  readonly to?: number | undefined;
}

/** Widest range of one playlist. */
const MAX_SPAN_MS = DAY_MS;

/**
 * What is meant: without an end as far as one playlist goes.
 * @throws VD_API_INVALID, VD_API_RANGE_TOO_WIDE
 */
export function dvrRange(streamId: string, { from: fromMs, to: toMs = fromMs + MAX_SPAN_MS }: AskedRange): MediaRange {
  if (fromMs >= toMs) throw apiError('VD_API_INVALID', 'from: does not lie before `to`');
  if (toMs - fromMs <= MAX_SPAN_MS) return { streamId, fromMs, toMs };
  const asked = ((toMs - fromMs) / HOUR_MS).toFixed(1);
  throw apiError('VD_API_RANGE_TOO_WIDE', `The range is ${asked} h; one playlist has at most ${MAX_SPAN_MS / HOUR_MS}.`);
}
