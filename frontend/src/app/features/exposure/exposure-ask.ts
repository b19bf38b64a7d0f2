/**
 * What the page of exposures is asked, as its address has it: a link to it shows the same of then, or of now where the range goes with
 * the time.
 */
export interface ExposureAsk {
  /** Names of streams; none: all. */
  readonly streams: readonly string[];
  /** An epoch of the only stream: one show. */
  readonly show: string | null;
  readonly range: RelativeRange | Span;
  readonly against: Against;
  /** The name of the brand that is looked at. */
  readonly brand: string | null;
}

/** Wall clock. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const RELATIVE_RANGES = ['1h', '24h', '7d', '30d'] as const;
export type RelativeRange = (typeof RELATIVE_RANGES)[number];
const LENGTH_MS: Readonly<Record<RelativeRange, number>> = { '1h': HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS };

/** Beside what: nothing, what came before, the same a week earlier, or another show by its id. */
export type Against = 'nothing' | 'before' | 'week' | `show:${string}`;

const FIRST_ASK: ExposureAsk = { streams: [], show: null, range: '24h', against: 'nothing', brand: null };
/** The server adds up no more at once. */
export const LONGEST_MS = 31 * DAY_MS;

type Params = Readonly<Record<string, string | undefined>>;

/** Reads an address; what makes no sense in it is as if it were not there. */
export function askOf(params: Params): ExposureAsk {
  const [fromMs, toMs] = [Date.parse(params['from'] ?? ''), Date.parse(params['to'] ?? '')];
  const isSpan = fromMs < toMs && toMs - fromMs <= LONGEST_MS;
  const streams = (params['streams'] ?? '').split(',').filter((name) => name !== '');
  return {
    streams,
    show: streams.length === 1 ? (params['show'] ?? null) : null,
    range: isSpan ? { fromMs, toMs } : (RELATIVE_RANGES.find((range) => range === params['range']) ?? FIRST_ASK.range),
    against: againstOf(params['against']),
    brand: params['brand'] ?? null,
  };
}

function againstOf(text: string | undefined): Against {
  return text === 'before' || text === 'week' || (text?.startsWith('show:') === true && text.length > 5) ? (text as Against) : 'nothing';
}

/** The address of an ask: nothing of what is so anyway. */
export function paramsOf({ streams, show, range, against, brand }: ExposureAsk): Record<string, string | null> {
  const isRelative = typeof range === 'string';
  return {
    streams: streams.length === 0 ? null : streams.join(','),
    show,
    range: isRelative && range !== FIRST_ASK.range ? range : null,
    from: isRelative ? null : new Date(range.fromMs).toISOString(),
    to: isRelative ? null : new Date(range.toMs).toISOString(),
    against: against === 'nothing' ? null : against,
    brand,
  };
}

/** A show's own time. */
export interface Show {
  readonly id: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export const isRelative = ({ range, show }: Pick<ExposureAsk, 'range' | 'show'>): boolean => show === null && typeof range === 'string';

/** From when to when, at the moment. @param show the one that is asked for, where one is */
export function spanOf({ range }: Pick<ExposureAsk, 'range'>, show: Show | undefined, nowMs: number): Span {
  if (show !== undefined) return spanOfShow(show, nowMs);
  return typeof range === 'string' ? { fromMs: nowMs - LENGTH_MS[range], toMs: nowMs } : range;
}

/** What stands beside it; null: nothing. */
export function besideOf(
  { against }: Pick<ExposureAsk, 'against'>,
  { fromMs, toMs }: Span,
  other: Show | undefined,
  nowMs: number,
): Span | null {
  if (against === 'nothing') return null;
  if (against === 'before') return { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
  if (against === 'week') return { fromMs: fromMs - LENGTH_MS['7d'], toMs: toMs - LENGTH_MS['7d'] };
  return other === undefined ? null : spanOfShow(other, nowMs);
}

/** Its last frame may be seen a moment after it is known to have ended. */
const SHOW_MARGIN_MS = 1_000;
function spanOfShow({ startedAt, endedAt }: Show, nowMs: number): Span {
  const fromMs = Date.parse(startedAt) - SHOW_MARGIN_MS;
  const toMs = endedAt === null ? nowMs : Date.parse(endedAt) + SHOW_MARGIN_MS;
  return { fromMs: Math.max(fromMs, toMs - LONGEST_MS), toMs };
}
