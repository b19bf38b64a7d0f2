import type { RangeEvent } from '../../persistence/read/playlist-media.js';

/** Long enough to say what it is; the rest is under /api. */
const MOST_LETTERS = 200;
/** What analyzers call what they saw, in order of preference. */
const LABELS = ['label', 'text', 'word'] as const;

/**
 * EXT-X-DATERANGE of an event (RFC 8216, 4.3.2.7): players show it over the media that it belongs to. It ends once the event has.
 * @example #EXT-X-DATERANGE:ID="event-7",CLASS="vedette.event",START-DATE="…",END-DATE="…",X-NAME="motion",X-LABEL="motion",…
 */
export function dateRange(event: RangeEvent): string {
  const { id, analyzerId, name, startMs, endMs } = event;
  const attributes = [
    ['ID', `event-${id}`],
    ['CLASS', 'vedette.event'],
    ['START-DATE', new Date(startMs).toISOString()],
    ...(endMs === null ? [] : [['END-DATE', new Date(Math.max(startMs, endMs)).toISOString()]]),
    ['X-NAME', quotable(name)],
    ['X-LABEL', quotable(labelOf(event))],
    ['X-ANALYZER', quotable(analyzerId)],
  ];
  return `#EXT-X-DATERANGE:${attributes.map(([key, value]) => `${key}="${value}"`).join(',')}`;
}

/** What was seen, as its analyzer calls it; the event's name where it does not say. */
export function labelOf({ name, data }: Pick<RangeEvent, 'name' | 'data'>): string {
  const said = LABELS.map((key) => data?.[key]).find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof said === 'string' ? said : name;
}

/** A quoted string has no quotes and no line breaks in it, and no way to write them (RFC 8216, 4.2). */
function quotable(text: string): string {
  return text
    .slice(0, MOST_LETTERS)
    .toWellFormed()
    .replaceAll('"', "'")
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
