import type { RetentionConfig } from '../config/retention-config.js';
import type { EventFilter } from '../persistence/retention/media-inventory.js';
import { mediaAgeOf, type StreamRetention } from '../persistence/retention/stream-retention.js';

/** What holds for one stream; null: no limit. */
export interface StreamLimits {
  readonly maxAgeMs: number | null;
  /** Its quota: bytes of media in all. */
  readonly maxSizeBytes: number | null;
  /** Of media with events, and of what is marked. */
  readonly eventMaxAgeMs: number | null;
  readonly eventMarginMs: number;
  readonly events: readonly string[];
  readonly resultsMaxAgeMs: number | null;
}

/** What the config says, and what the stream has for itself instead. */
export function limitsOf({ media, results }: RetentionConfig, own: StreamRetention = {}): StreamLimits {
  const maxAgeMs = mediaAgeOf(own, media.maxAge);
  return {
    maxAgeMs,
    maxSizeBytes: own.maxSizeBytes ?? null,
    // What has events is kept no shorter than what has none; results no shorter than the media that they are of.
    eventMaxAgeMs: longer(maxAgeMs, own.eventMaxAgeMs === undefined ? media.eventMaxAge : own.eventMaxAgeMs),
    eventMarginMs: own.eventMarginMs ?? media.eventMargin,
    events: own.events ?? media.events,
    resultsMaxAgeMs: longer(maxAgeMs, own.resultsMaxAgeMs === undefined ? results.maxAge : own.resultsMaxAgeMs),
  };
}

/** The longest of some times, where null is for ever. */
export function longer(...ages: readonly (number | null)[]): number | null {
  return ages.some((age) => age === null) ? null : Math.max(0, ...ages.map(Number));
}

/** How the database finds a stream's events that count: wildcards as regular expressions, `!` excludes. */
export function eventFilterOf({ events, eventMarginMs }: StreamLimits): EventFilter {
  const excluded = events.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const included = events.filter((pattern) => !pattern.startsWith('!'));
  return {
    marginMs: eventMarginMs,
    // Only exclusions: all but those.
    included: (included.length === 0 && excluded.length > 0 ? ['*'] : included).map(expressionOf),
    excluded: excluded.map(expressionOf),
  };
}

const expressionOf = (pattern: string): string =>
  `^${pattern
    .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')}$`;
