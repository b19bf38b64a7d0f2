import { literally } from '../read/literal-like.js';
import { INSTANT } from '../read/sql-where.js';

/** Which events of which streams. */
export interface EventFilter {
  readonly streamIds: readonly string[];
  readonly analyzerIds?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  /** What they are of, as `event_subject` says it. */
  readonly subjects?: readonly string[] | undefined;
  readonly states?: readonly string[] | undefined;
  readonly eventIds?: readonly string[] | undefined;
  /** Those that began from then, in µs since 1970, inclusive, to then, exclusive. */
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  /** Part of the subject or of the name, upper and lower case aside. */
  readonly query?: string | undefined;
  /** Whose reviews are meant. */
  readonly userId: string;
  readonly isReviewed?: boolean | undefined;
  /** Open ones are kept: they are not over. */
  readonly minDurationMs?: number | undefined;
  /** Only those of which a score is known. */
  readonly minScore?: number | undefined;
}

const numberIn = (event: string, key: string): string =>
  `CASE jsonb_typeof(${event}.data->'${key}') WHEN 'number' THEN (${event}.data->'${key}')::numeric END`;

/** What its analyzer says of how sure it was, as it says it; null where it does not. */
export const scoreOf = (event: string): string => `COALESCE(${numberIn(event, 'meanScore')}, ${numberIn(event, 'score')})`;

/**
 * The conditions of a filter, on events by whatever name a statement has them.
 * @param param adds a value to the statement's; gives its placeholder
 * @example const of = eventConditions(filter, (value) => where.param(value)); `SELECT * FROM events v WHERE ${of('v')}`
 */
export function eventConditions(filter: EventFilter, param: (value: unknown) => string): (event: string) => string {
  const all: ((v: string) => string)[] = [];
  const add = <T>(value: T | undefined, condition: (value: string, v: string) => string, type: string): void => {
    if (value === undefined) return;
    const placeholder = `${param(value)}::${type}`;
    all.push((v) => condition(placeholder, v));
  };
  const instant = (value: string): string => INSTANT.replace('?::bigint', value);
  add(filter.streamIds, (ids, v) => `${v}.stream_id = ANY(${ids})`, 'uuid[]');
  add(filter.analyzerIds, (ids, v) => `${v}.analyzer_id = ANY(${ids})`, 'text[]');
  add(filter.names, (names, v) => `${v}.name = ANY(${names})`, 'text[]');
  add(filter.subjects, (subjects, v) => `event_subject(${v}.data) = ANY(${subjects})`, 'text[]');
  add(filter.states, (states, v) => `${v}.state = ANY(${states})`, 'text[]');
  add(filter.eventIds, (ids, v) => `${v}.id = ANY(${ids})`, 'bigint[]');
  add(filter.fromUs, (us, v) => `${v}.start_at >= ${instant(us)}`, 'bigint');
  add(filter.toUs, (us, v) => `${v}.start_at < ${instant(us)}`, 'bigint');
  add(
    filter.minDurationMs,
    (ms, v) => `(${v}.end_at IS NULL OR ${v}.end_at - ${v}.start_at >= ${ms} * interval '1 millisecond')`,
    'bigint',
  );
  add(filter.minScore, (score, v) => `${scoreOf(v)} >= ${score}`, 'numeric');
  const part = filter.query === undefined ? undefined : `%${literally(filter.query)}%`;
  add(part, (like, v) => `(lower(event_subject(${v}.data)) LIKE lower(${like}) OR lower(${v}.name) LIKE lower(${like}))`, 'text');
  if (filter.isReviewed !== undefined) {
    const not = filter.isReviewed ? '' : 'NOT ';
    add(
      filter.userId,
      (user, v) => `${not}EXISTS (SELECT FROM event_reviews w WHERE w.event_id = ${v}.id AND w.user_id = ${user})`,
      'uuid',
    );
  }
  return (event) => all.map((condition) => condition(event)).join(' AND ');
}
