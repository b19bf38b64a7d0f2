import { PART_TAGS, readLowLatency, type LowLatencyPlaylist } from './part-conformance.js';

/** A media playlist, taken apart. */
export interface MediaPlaylist {
  readonly targetSeconds: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly isIndependent: boolean;
  readonly type: 'EVENT' | 'VOD' | null;
  readonly ended: boolean;
  readonly segments: readonly PlaylistEntry[];
  /** Where playing is to begin, in seconds from its beginning. */
  readonly startSeconds: number | null;
  readonly dateRanges: readonly ReadonlyMap<string, string>[];
  /** Null: it is one of HLS as ever. */
  readonly lowLatency: LowLatencyPlaylist | null;
}
export interface PlaylistEntry {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly atMs: number | null;
  readonly gap: boolean;
  /** The media before it has another clock. */
  readonly discontinuity: boolean;
  /** What stands before it in a file of its own. */
  readonly initialization: string | null;
}

const ONCE = ['EXT-X-VERSION', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE', 'EXT-X-PLAYLIST-TYPE'];
const FLAGS = ['EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-ENDLIST'];
const OF_SEGMENTS = ['EXTINF', 'EXT-X-PROGRAM-DATE-TIME', 'EXT-X-DISCONTINUITY', 'EXT-X-GAP'];
const INITIALIZATION = /^URI="([^"\r\n]+)"(?:,BYTERANGE="(\d+)@0")?$/;
const START = /^TIME-OFFSET=(-?\d+(?:\.\d+)?),PRECISE=YES$/;
const QUOTED_ATTRIBUTES = /^[A-Z0-9-]+="[^"\r\n]*"(?:,[A-Z0-9-]+="[^"\r\n]*")*$/;
/** Wall clock is written in whole milliseconds. */
const ROUNDING_MS = 1.5;

/**
 * Reads a media playlist and holds it against RFC 8216 (and EXT-X-GAP of its successor).
 * @throws with every rule that is broken
 * @example expect(readPlaylist(await response.text()).segments).toHaveLength(6)
 */
export function readPlaylist(text: string): MediaPlaylist {
  const wrong: string[] = [];
  const lines = text.split(/\r?\n/);
  if (lines[0] !== '#EXTM3U') wrong.push('it does not begin with #EXTM3U (4.3.1.1)');
  if (!text.endsWith('\n')) wrong.push('its last line has no end');
  const tags = new Map<string, string>();
  const segments: PlaylistEntry[] = [];
  let pending = new Map<string, string>();
  const dateRanges: Map<string, string>[] = [];
  let startSeconds: number | null = null;
  let initialization: string | null = null;
  for (const line of lines.slice(1)) {
    if (line === '') continue;
    const tag = /^#(EXT[A-Z0-9-]*)(?::(.*))?$/.exec(line);
    if (tag === null && line.startsWith('#')) continue;
    if (tag === null) {
      segments.push({ ...entryOf(line, pending, wrong), initialization });
      // The tables of a transport stream are its initialization (3.2), where what came before had one.
      const fits = line.endsWith('.m4s') ? initialization?.endsWith('.mp4') === true : initialization?.endsWith('.mp4') !== true;
      if (!fits) wrong.push(`${line} behind ${initialization} (4.3.2.5)`);
      pending = new Map();
      continue;
    }
    const [, name = '', value = ''] = tag;
    if (OF_SEGMENTS.includes(name)) {
      if (pending.has(name)) wrong.push(`${name} twice before one segment`);
      pending.set(name, value);
    } else if ([...ONCE, ...FLAGS].includes(name)) {
      if (tags.has(name)) wrong.push(`${name} twice (4.3.3)`);
      if (name.endsWith('-SEQUENCE') && segments.length > 0) wrong.push(`${name} after a segment (4.3.3.2, 4.3.3.3)`);
      tags.set(name, value);
    } else if (name === 'EXT-X-MAP') {
      initialization = INITIALIZATION.exec(value)?.[1] ?? null;
      if (initialization === null) wrong.push(`${name}:${value} names no file (4.3.2.5)`);
    } else if (name === 'EXT-X-START') {
      if (startSeconds !== null) wrong.push('EXT-X-START twice (4.3.5.2)');
      startSeconds = Number(START.exec(value)?.[1]);
    } else if (name === 'EXT-X-DATERANGE') {
      if (!QUOTED_ATTRIBUTES.test(value)) wrong.push(`${value} is no list of attributes (4.2)`);
      dateRanges.push(new Map([...value.matchAll(/([A-Z0-9-]+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text])));
    } else if (!PART_TAGS.includes(name)) wrong.push(`${name} is no tag that is known here`);
  }
  if (pending.size > 0) wrong.push(`${[...pending.keys()].join(', ')} without a segment`);
  const playlist: MediaPlaylist = {
    targetSeconds: wholeNumber(tags, 'EXT-X-TARGETDURATION', undefined, wrong),
    mediaSequence: wholeNumber(tags, 'EXT-X-MEDIA-SEQUENCE', 0, wrong),
    discontinuitySequence: wholeNumber(tags, 'EXT-X-DISCONTINUITY-SEQUENCE', 0, wrong),
    isIndependent: tags.has('EXT-X-INDEPENDENT-SEGMENTS'),
    type: (tags.get('EXT-X-PLAYLIST-TYPE') ?? null) as MediaPlaylist['type'],
    ended: tags.has('EXT-X-ENDLIST'),
    segments,
    startSeconds,
    dateRanges,
    lowLatency: readLowLatency(text, wrong),
  };
  wrong.push(...brokenRules(playlist, wholeNumber(tags, 'EXT-X-VERSION', 1, wrong)));
  if (wrong.length > 0) throw new Error(`The playlist breaks RFC 8216:\n- ${wrong.join('\n- ')}\n\n${text}`);
  return playlist;
}

/**
 * Holds a playlist against what it was when it was fetched before.
 * @throws with every rule that is broken
 */
export function checkReload(before: MediaPlaylist, now: MediaPlaylist): void {
  const wrong: string[] = [];
  const dropped = now.mediaSequence - before.mediaSequence;
  if (now.targetSeconds < before.targetSeconds) wrong.push(`the target duration shrank from ${before.targetSeconds} (6.2.1)`);
  if (dropped < 0) wrong.push(`the media sequence went back from ${before.mediaSequence} to ${now.mediaSequence} (6.2.2)`);
  if (before.ended && !now.ended) wrong.push('it had ended');
  if (before.type === 'EVENT' && dropped !== 0) wrong.push('an EVENT playlist lost segments (4.3.3.5)');
  if (before.mediaSequence + before.segments.length > now.mediaSequence + now.segments.length) wrong.push('its last segments are gone');
  const passed = before.segments.slice(0, Math.max(0, dropped)).filter(({ discontinuity }) => discontinuity).length;
  const first = before.segments[dropped];
  // A discontinuity that stands before the first segment that is left is dropped with it.
  const passedNow = passed + (first?.discontinuity === true && now.segments[0]?.discontinuity === false ? 1 : 0);
  if (first !== undefined && now.discontinuitySequence !== before.discontinuitySequence + passedNow)
    wrong.push(
      `${passedNow} discontinuities left, and the count went from ${before.discontinuitySequence} to ${now.discontinuitySequence} (6.2.2)`,
    );
  before.segments.slice(Math.max(0, dropped)).forEach((segment, i) => {
    const same = now.segments[i];
    if (same?.uri !== segment.uri) wrong.push(`segment ${segment.uri} became ${same?.uri} (6.2.1)`);
    else if (same.durationSeconds !== segment.durationSeconds)
      wrong.push(`${segment.uri} lasted ${segment.durationSeconds} s and lasts ${same.durationSeconds} s now`);
    else if (same.atMs !== segment.atMs) wrong.push(`${segment.uri} moved on the wall clock`);
  });
  if (wrong.length > 0) throw new Error(`The reloaded playlist breaks RFC 8216:\n- ${wrong.join('\n- ')}`);
}

function entryOf(uri: string, tags: ReadonlyMap<string, string>, wrong: string[]): Omit<PlaylistEntry, 'initialization'> {
  const duration = /^(\d+(?:\.\d+)?),/.exec(tags.get('EXTINF') ?? '')?.[1];
  if (duration === undefined) wrong.push(`${uri} has no EXTINF with a duration (4.3.2.1)`);
  const date = tags.get('EXT-X-PROGRAM-DATE-TIME');
  const atMs = date === undefined ? null : Date.parse(date);
  if (Number.isNaN(atMs)) wrong.push(`${uri} has the date ${date} (4.3.2.6)`);
  return {
    ...{ uri, durationSeconds: Number(duration ?? 0), atMs },
    ...{ gap: tags.has('EXT-X-GAP'), discontinuity: tags.has('EXT-X-DISCONTINUITY') },
  };
}

function wholeNumber(tags: ReadonlyMap<string, string>, name: string, absent: number | undefined, wrong: string[]): number {
  const value = tags.get(name);
  if (value !== undefined && /^\d+$/.test(value)) return Number(value);
  if (value !== undefined || absent === undefined) wrong.push(`${name} is ${value ?? 'missing'}`);
  return absent ?? 0;
}

function brokenRules(playlist: MediaPlaylist, version: number): string[] {
  const { targetSeconds, segments, type, ended, mediaSequence } = playlist;
  const wrong: string[] = [];
  if (targetSeconds < 1) wrong.push(`the target duration is ${targetSeconds} s (4.3.3.1)`);
  if (type === 'VOD' && !ended) wrong.push('a VOD playlist has no end (4.3.3.5)');
  if (type === 'VOD' && segments.length === 0) wrong.push('it names no segment');
  if (version < 8 && segments.some(({ gap }) => gap)) wrong.push('EXT-X-GAP came with version 8');
  if (version < 3 && segments.some(({ durationSeconds }) => !Number.isInteger(durationSeconds)))
    wrong.push('fractions came with version 3');
  const uris = segments.map(({ uri }) => uri);
  if (new Set(uris).size < uris.length) wrong.push('it names a segment twice');
  for (const { uri, durationSeconds } of segments) {
    if (durationSeconds <= 0) wrong.push(`${uri} lasts ${durationSeconds} s`);
    if (Math.round(durationSeconds) > targetSeconds) wrong.push(`${uri} lasts ${durationSeconds} s, more than the target (4.3.3.1)`);
  }
  const lengthSeconds = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  if (type === null && !ended && mediaSequence > 0 && lengthSeconds < 3 * targetSeconds)
    wrong.push(`segments were dropped although ${lengthSeconds} s are left, less than three target durations (6.2.2)`);
  wrong.push(...brokenClock(segments), ...brokenDates(playlist));
  return wrong;
}

function brokenDates({ startSeconds, dateRanges, segments }: MediaPlaylist): string[] {
  const wrong: string[] = [];
  const lengthSeconds = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  if (startSeconds !== null && !(Math.abs(startSeconds) <= lengthSeconds))
    wrong.push(`it starts at ${startSeconds} of ${lengthSeconds} s (4.3.5.2)`);
  if (dateRanges.length > 0 && segments.every(({ atMs }) => atMs === null)) wrong.push('dates in a playlist without one (4.3.2.7)');
  if (new Set(dateRanges.map((range) => range.get('ID'))).size < dateRanges.length) wrong.push('two date ranges have one id');
  for (const range of dateRanges) {
    const [id, start, end] = [range.get('ID'), Date.parse(range.get('START-DATE') ?? ''), Date.parse(range.get('END-DATE') ?? '')];
    if (id === undefined || Number.isNaN(start)) wrong.push(`date range ${id} has no beginning (4.3.2.7)`);
    if (range.has('END-DATE') && !(end >= start)) wrong.push(`date range ${id} ends before it begins`);
  }
  return wrong;
}

/** The wall clock goes on by a segment's length, or by more where media is missing. */
function brokenClock(segments: readonly PlaylistEntry[]): string[] {
  return segments.slice(1).flatMap(({ uri, atMs, discontinuity }, i) => {
    const before = segments[i]!;
    if (atMs === null || before.atMs === null) return [];
    if (discontinuity) return atMs < before.atMs ? [`${uri} lies before the segment before it`] : [];
    const endMs = before.atMs + before.durationSeconds * 1000;
    return atMs < endMs - ROUNDING_MS ? [`${uri} begins ${(endMs - atMs).toFixed(1)} ms before the segment before it ends`] : [];
  });
}

/** Remembers playlists by address, so that each fetch is held against the one before. */
export class PlaylistWatch {
  private readonly seen = new Map<string, MediaPlaylist>();

  /** @throws when the text is no conforming playlist, or no successor of the one before */
  fetched(address: string, text: string): MediaPlaylist {
    const now = readPlaylist(text);
    const before = this.seen.get(address);
    this.seen.set(address, now);
    if (before !== undefined) checkReload(before, now);
    return now;
  }
}
