import { folderError } from './errors.js';

/** A segment as a playlist of another program names it. */
export interface NamedSegment {
  /** Below the playlist's folder. */
  readonly file: string;
  /** Media sequence number, of a playlist that counts. */
  readonly number?: number;
  readonly durationUs: number;
  /** It does not continue the one before. */
  readonly isDiscontinuity: boolean;
  /** Wall clock of its beginning. */
  readonly startsAtMs?: number;
  /** Of fMP4: the file that stands before it. */
  readonly initialization?: string;
}

export type ForeignPlaylist =
  | { readonly kind: 'media'; readonly segments: readonly NamedSegment[]; readonly hasEnd: boolean; readonly targetMs: number }
  /** Playlists of the same stream in several qualities, the one with most bandwidth first. */
  | { readonly kind: 'master'; readonly variants: readonly string[] };

const MAX_SEGMENTS = 100_000;

/**
 * Reads a playlist of another program, which may be writing it at the moment: a line without its end is not there yet.
 * @throws VD_FOLDER_PLAYLIST_INVALID, VD_FOLDER_ENCRYPTED, VD_FOLDER_BYTE_RANGES
 */
export function parseForeignPlaylist(text: string): ForeignPlaylist {
  const lines = text.split('\n').slice(0, -1);
  if (lines[0]?.replace(/^\uFEFF/, '').trimEnd() !== '#EXTM3U')
    throw folderError('VD_FOLDER_PLAYLIST_INVALID', 'it does not begin with #EXTM3U');
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:')) ? master(lines) : media(lines);
}

function master(lines: readonly string[]): ForeignPlaylist {
  const variants: { file: string; bandwidth: number }[] = [];
  let bandwidth: number | undefined;
  for (const line of lines.map((one) => one.trim())) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) bandwidth = Number(/BANDWIDTH=(\d{1,12})/.exec(line)?.[1] ?? 0);
    if (line === '' || line.startsWith('#') || bandwidth === undefined) continue;
    variants.push({ file: fileOf(line), bandwidth });
    bandwidth = undefined;
  }
  return { kind: 'master', variants: variants.sort((a, b) => b.bandwidth - a.bandwidth).map(({ file }) => file) };
}

function media(lines: readonly string[]): ForeignPlaylist {
  const segments: NamedSegment[] = [];
  let [durationUs, targetMs] = [0, 0];
  let [hasEnd, isDiscontinuity] = [false, false];
  let number: number | undefined;
  let startsAtMs: number | undefined;
  let initialization: string | undefined;
  for (const line of lines.map((one) => one.trim())) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) number = wholeNumber(value);
    else if (line.startsWith('#EXT-X-TARGETDURATION:')) targetMs = Math.min(3_600_000, 1000 * wholeNumber(value));
    else if (line.startsWith('#EXTINF:')) durationUs = Math.round(1_000_000 * (Number(/^\d{1,6}(?:\.\d{1,9})?/.exec(value)?.[0]) || 0));
    else if (line === '#EXT-X-DISCONTINUITY') isDiscontinuity = true;
    else if (line === '#EXT-X-ENDLIST') hasEnd = true;
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) startsAtMs = clock(value);
    else if (line.startsWith('#EXT-X-BYTERANGE:')) throw folderError('VD_FOLDER_BYTE_RANGES', 'its segments are parts of one file');
    else if (line.startsWith('#EXT-X-MAP:')) initialization = initializationOf(value);
    else if (line.startsWith('#EXT-X-KEY:') && !value.includes('METHOD=NONE'))
      throw folderError('VD_FOLDER_ENCRYPTED', 'its segments are encrypted');
    if (line === '' || line.startsWith('#')) continue;
    if (segments.length >= MAX_SEGMENTS) throw folderError('VD_FOLDER_PLAYLIST_INVALID', `it names more than ${MAX_SEGMENTS} segments`);
    segments.push({
      ...{ file: fileOf(line), durationUs, isDiscontinuity },
      ...(number !== undefined && { number }),
      ...(startsAtMs !== undefined && { startsAtMs }),
      ...(initialization !== undefined && { initialization }),
    });
    if (number !== undefined) number++;
    // The clock goes on from where it was said last.
    if (startsAtMs !== undefined) startsAtMs += durationUs / 1000;
    isDiscontinuity = false;
  }
  return { kind: 'media', segments, hasEnd, targetMs };
}

/**
 * What a URI of the playlist is called in its folder. One with an address before it (nginx-rtmp: `hls_base_url`) is meant for players: its
 * last part counts. None leads out of the folder.
 */
function fileOf(uri: string): string {
  const path = uri.replace(/[?#].*$/, '');
  let file: string;
  try {
    file = decodeURIComponent(path);
  } catch {
    file = path;
  }
  const parts = file.split('/');
  const isForPlayers = /^[a-z][a-z0-9+.-]*:/i.test(file) || file.startsWith('/');
  const named = isForPlayers ? parts.slice(-1) : parts.filter((part) => part !== '.');
  const isStrange = named.some((part) => part === '' || part === '..' || part === '.' || /[\\\p{Cc}]/u.test(part)) || file.length > 1000;
  if (isStrange) throw folderError('VD_FOLDER_PLAYLIST_INVALID', `${JSON.stringify(uri.slice(0, 80))} is no file of its folder`);
  return named.join('/');
}

function initializationOf(attributes: string): string {
  if (/(?:^|,)BYTERANGE=/.test(attributes)) throw folderError('VD_FOLDER_BYTE_RANGES', 'its initialization is a part of a file');
  const uri = /(?:^|,)URI="([^"]{1,1000})"/.exec(attributes)?.[1];
  if (uri === undefined) throw folderError('VD_FOLDER_PLAYLIST_INVALID', 'its #EXT-X-MAP names no file');
  return fileOf(uri);
}

function wholeNumber(text: string): number {
  const value = Number(/^\d{1,15}/.exec(text)?.[0] ?? Number.NaN);
  if (Number.isNaN(value)) throw folderError('VD_FOLDER_PLAYLIST_INVALID', `${JSON.stringify(text.slice(0, 40))} is no number`);
  return value;
}

function clock(text: string): number | undefined {
  const ms = Date.parse(text);
  return ms > 0 ? ms : undefined;
}
