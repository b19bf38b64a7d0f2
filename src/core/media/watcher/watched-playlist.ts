import { mediaError } from '../../errors/media.errors.js';
import { segmentFileName } from '../segment-name.js';

/** What a media playlist of ours says; hostile text is refused, not followed. */
export interface PlaylistFacts {
  /** Sequences it names, ascending. Every lower one was complete, too, when it was written. */
  readonly sequences: readonly number[];
  /** By sequence: from its beginning to the next one's, where the packager knew of a next one. */
  readonly durationUs: ReadonlyMap<number, number>;
  readonly ended: boolean;
}

const MAX_PLAYLIST_CHARS = 1024 * 1024;
const DURATION = /^#EXTINF:(\d{1,6}\.?\d{0,6}),/;
const SEGMENT_URI = /^(\d{6,10})\.ts$/;

/**
 * Reads a live playlist written by the packager. A name that is not one of its segment files is an error: nothing is ever
 * opened by a name that a playlist gives.
 * @throws VD_MEDIA_PLAYLIST_INVALID
 */
export function parsePlaylist(text: string): PlaylistFacts {
  if (text.length > MAX_PLAYLIST_CHARS) throw mediaError('VD_MEDIA_PLAYLIST_INVALID', `the playlist has ${text.length} characters`);
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '#EXTM3U') throw mediaError('VD_MEDIA_PLAYLIST_INVALID', 'the playlist does not begin with #EXTM3U');
  const sequences: number[] = [];
  const durationUs = new Map<number, number>();
  let ended = false;
  let announcedUs: number | undefined;
  for (const line of lines) {
    if (line === '#EXT-X-ENDLIST') ended = true;
    const duration = DURATION.exec(line);
    if (duration !== null) announcedUs = Math.round(Number(duration[1]) * 1_000_000);
    if (line === '' || line.startsWith('#')) continue;
    const match = SEGMENT_URI.exec(line);
    const sequence = match === null ? Number.NaN : Number(match[1]);
    if (match === null || segmentFileName(sequence) !== line) {
      throw mediaError('VD_MEDIA_PLAYLIST_INVALID', `"${line.slice(0, 80)}" is not the name of a segment`);
    }
    if (sequence <= (sequences.at(-1) ?? -1)) throw mediaError('VD_MEDIA_PLAYLIST_INVALID', `segment ${sequence} is out of order`);
    sequences.push(sequence);
    if (announcedUs !== undefined) durationUs.set(sequence, announcedUs);
    announcedUs = undefined;
  }
  // After the last one nothing came: its length is a guess.
  if (ended) durationUs.delete(sequences.at(-1) ?? -1);
  return { sequences, durationUs, ended };
}

/**
 * The playlist of an epoch whose packager was killed, brought to its end: the tail it never named is added and the end
 * marked, so that players stop asking for more.
 * @returns null when the playlist has its end already
 */
export function endPlaylist(text: string, tail: readonly { readonly sequence: number; readonly durationMs: number }[]): string | null {
  const facts = parsePlaylist(text);
  if (facts.ended) return null;
  const last = facts.sequences.at(-1) ?? -1;
  const longestMs = Math.max(0, ...tail.map((segment) => segment.durationMs));
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => {
      const target = /^#EXT-X-TARGETDURATION:(\d+)$/.exec(line);
      return target === null ? line : `#EXT-X-TARGETDURATION:${Math.max(Number(target[1]), Math.round(longestMs / 1000))}`;
    });
  for (const segment of tail) {
    // One that cannot be read has no length, which no playlist may say.
    if (segment.sequence <= last || segment.durationMs <= 0) continue;
    lines.push(`#EXTINF:${(segment.durationMs / 1000).toFixed(6)},`, segmentFileName(segment.sequence));
  }
  return `${[...lines, '#EXT-X-ENDLIST'].join('\n')}\n`;
}
