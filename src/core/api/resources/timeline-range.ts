import { DAY_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import type { TimelineRange } from '../../persistence/read/timeline-filter.js';
import type { EpochWire } from '../../wire/wire.js';

export interface TimelineQuery {
  readonly epochId?: string | undefined;
  readonly fromPtsUs?: number | undefined;
  readonly toPtsUs?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly after?: string | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  readonly limit: number;
}

/** Clocks are kept in µs and given in ms: a bound derived from pts gets this much room, pts itself stays exact. */
const SLACK_US = 2_000;

/**
 * Makes a bounded range of a query. A range in pts needs its epoch; without either, the last `spanMs` are meant.
 * @throws VD_API_INVALID, VD_API_RANGE_TOO_WIDE
 */
export function timelineRange(
  streamId: string,
  query: TimelineQuery,
  epoch: EpochWire | null,
  spanMs: number,
  nowMs = Date.now(),
): TimelineRange {
  const { fromPtsUs, toPtsUs } = query;
  if ((fromPtsUs !== undefined || toPtsUs !== undefined) && epoch === null) {
    throw apiError('VD_API_INVALID', 'epochId: a range in pts needs the epoch that the pts belong to');
  }
  const clock = clockRange(query, spanMs, nowMs, epoch === null);
  const fromClockUs = epoch === null ? undefined : clockUs(epoch, fromPtsUs, -SLACK_US);
  const toClockUs = epoch === null ? undefined : clockUs(epoch, toPtsUs, SLACK_US);
  return {
    streamId,
    limit: query.limit,
    descending: query.order === 'desc',
    epochId: query.epochId,
    after: query.after,
    fromPtsUs,
    toPtsUs,
    fromUs: latest(clock.fromUs, fromClockUs),
    toUs: earliest(clock.toUs, toClockUs),
  };
}

/**
 * The wall clock's part of a query: no wider than `spanMs`, and the last `spanMs` where nothing is said.
 * @param isBounded false where something else bounds the query: then nothing said means no bound
 * @throws VD_API_INVALID, VD_API_RANGE_TOO_WIDE
 */
export function clockRange(
  query: Pick<TimelineQuery, 'from' | 'to'>,
  spanMs: number,
  nowMs = Date.now(),
  isBounded = true,
): { readonly fromUs?: number; readonly toUs?: number } {
  const toMs = query.to === undefined ? undefined : Date.parse(query.to);
  let fromMs = query.from === undefined ? undefined : Date.parse(query.from);
  if (isBounded) fromMs ??= (toMs ?? nowMs) - spanMs;
  const endMs = toMs ?? nowMs + DAY_MS;
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) throw apiError('VD_API_INVALID', 'from: lies after `to`');
  if (fromMs !== undefined && endMs - fromMs > spanMs + DAY_MS) {
    throw apiError(
      'VD_API_RANGE_TOO_WIDE',
      `The range is ${Math.ceil((endMs - fromMs) / DAY_MS)} days; at most ${spanMs / DAY_MS} are served at once.`,
    );
  }
  return { fromUs: fromMs === undefined ? undefined : fromMs * 1000, toUs: toMs === undefined ? undefined : toMs * 1000 };
}

/** Wall clock of a pts, by the epoch's own map; unknown before its first segment. */
function clockUs(epoch: EpochWire, ptsUs: number | undefined, slackUs: number): number | undefined {
  if (ptsUs === undefined || epoch.ptsOriginUs === null) return undefined;
  return Date.parse(epoch.startedAt) * 1000 + (ptsUs - epoch.ptsOriginUs) + slackUs;
}

const latest = (a: number | undefined, b: number | undefined) => (a === undefined ? b : b === undefined ? a : Math.max(a, b));
const earliest = (a: number | undefined, b: number | undefined) => (a === undefined ? b : b === undefined ? a : Math.min(a, b));
