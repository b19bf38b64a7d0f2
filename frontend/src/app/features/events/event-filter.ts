import type { Query } from '../../api/api-client';

/** Back from now, or whole days of the viewer's. */
export const RANGES = ['1h', '24h', 'today', 'yesterday', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];
export const DURATIONS_S = [2, 10, 60, 600] as const;
export const SCORES = [0.5, 0.7, 0.8, 0.9] as const;
export type Reviewed = 'no' | 'yes' | 'any';

/** Which events are on show; all of it stands in the address of the page. */
export interface EventFilter {
  readonly reviewed: Reviewed;
  /** By name. */
  readonly streams: readonly string[];
  /** Names of events, such as `logo`. */
  readonly kinds: readonly string[];
  readonly analyzers: readonly string[];
  /** Brands, texts, rules. */
  readonly subjects: readonly string[];
  readonly query: string;
  readonly range: Range | null;
  /** ISO 8601, where no `range` is chosen. */
  readonly from: string | null;
  readonly to: string | null;
  readonly minDurationS: number | null;
  readonly minScore: number | null;
  readonly isOpen: boolean;
  readonly isUngrouped: boolean;
}

export const NO_FILTER: EventFilter = {
  ...{ reviewed: 'no', streams: [], kinds: [], analyzers: [], subjects: [], query: '', range: null, from: null, to: null },
  ...{ minDurationS: null, minScore: null, isOpen: false, isUngrouped: false },
};

/** A part of the address: a list where it stands there several times. */
export type AddressParams = Readonly<Record<string, string | readonly string[] | null>>;
/** A list in the address or a single word, as the router has it. */
export interface ReadParams {
  get(name: string): string | null;
  getAll(name: string): readonly string[];
}

/** What an address asks for; what it says that is no filter is left aside. */
export function filterOf(params: ReadParams): EventFilter {
  const oneOf = <T extends string>(name: string, known: readonly T[]): T | null =>
    known.find((value) => value === params.get(name)) ?? null;
  const number = (name: string, most: number): number | null => {
    const value = Number(params.get(name) ?? NaN);
    return value > 0 && value <= most ? value : null;
  };
  const instant = (name: string): string | null => {
    const ms = Date.parse(params.get(name) ?? '');
    return Number.isNaN(ms) ? null : new Date(ms).toISOString();
  };
  const range = oneOf('range', RANGES);
  return {
    reviewed: oneOf('reviewed', ['no', 'yes', 'any'] as const) ?? 'no',
    streams: params.getAll('stream'),
    kinds: params.getAll('kind'),
    analyzers: params.getAll('analyzer'),
    subjects: params.getAll('subject'),
    query: params.get('q') ?? '',
    range,
    from: range === null ? instant('from') : null,
    to: range === null ? instant('to') : null,
    minDurationS: number('longer', 86_400),
    minScore: number('score', 1),
    isOpen: params.get('state') === 'open',
    isUngrouped: params.get('repeats') === 'apart',
  };
}

/** The address that a filter is in; null takes a part away. */
export function paramsOf(filter: EventFilter): AddressParams {
  const list = (values: readonly string[]): readonly string[] | null => (values.length === 0 ? null : values);
  const { minDurationS, minScore } = filter;
  return {
    reviewed: filter.reviewed === 'no' ? null : filter.reviewed,
    ...{ stream: list(filter.streams), kind: list(filter.kinds), analyzer: list(filter.analyzers), subject: list(filter.subjects) },
    ...{ q: filter.query || null, range: filter.range, from: filter.from, to: filter.to },
    ...{ longer: minDurationS?.toString() ?? null, score: minScore?.toString() ?? null },
    ...{ state: filter.isOpen ? 'open' : null, repeats: filter.isUngrouped ? 'apart' : null },
  };
}

type ListQuery = Query<'listAllEvents'>;

/**
 * What the server is asked for.
 * @param streamIds of the streams that the filter names; undefined: it names none
 */
export function questionOf(filter: EventFilter, streamIds: readonly string[] | undefined, nowMs: number): ListQuery {
  const { reviewed, kinds, analyzers, subjects, query, minDurationS, minScore } = filter;
  const { from, to } = filter.range === null ? filter : boundsOf(filter.range, nowMs);
  return {
    ...(streamIds === undefined ? {} : { streamId: [...streamIds] }),
    ...(reviewed === 'any' ? {} : { reviewed }),
    ...(kinds.length === 0 ? {} : { name: [...kinds] }),
    ...(analyzers.length === 0 ? {} : { analyzerId: [...analyzers] }),
    ...(subjects.length === 0 ? {} : { subject: [...subjects] }),
    ...(query.trim() === '' ? {} : { query: query.trim() }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(minDurationS === null ? {} : { minDurationMs: String(minDurationS * 1000) }),
    ...(minScore === null ? {} : { minScore: String(minScore) }),
    ...(filter.isOpen ? { state: 'open' } : {}),
    ...(filter.isUngrouped ? { repeatsWithinS: '0' } : {}),
  };
}

/** @returns from, and to where the range has an end */
export function boundsOf(range: Range, nowMs: number): { readonly from: string; readonly to: string | null } {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const day = new Date(nowMs);
  const midnight = (daysBack: number): number => new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysBack).getTime();
  switch (range) {
    case 'today':
      return { from: iso(midnight(0)), to: null };
    case 'yesterday':
      return { from: iso(midnight(1)), to: iso(midnight(0)) };
    default:
      return { from: iso(nowMs - HOURS[range] * 3_600_000), to: null };
  }
}

const HOURS = { '1h': 1, '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;

/** Where the same events are to be had as a file. @param ids these only */
export function exportPath(question: ListQuery, format: 'csv' | 'jsonl', ids: readonly string[] = []): string {
  const { repeatsWithinS: _, after: _after, limit: _limit, ...filter } = question;
  const params = new URLSearchParams({ format });
  const asked = ids.length > 0 ? { id: ids.join(',') } : filter;
  for (const [name, value] of Object.entries(asked)) for (const one of [value].flat()) params.append(name, one);
  return `/api/events/export?${params.toString()}`;
}
