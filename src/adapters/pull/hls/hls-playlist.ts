import { pullError } from '../errors.js';
import { withoutLogin, type ByteRange } from '../http/guarded-http.js';

const MAX_LINES = 50_000;
const MAX_TARGET_S = 60;

export interface HlsVariant {
  readonly url: URL;
  readonly bandwidth: number;
  /** Sound has a playlist of its own. */
  readonly hasOwnAudio: boolean;
}

export interface HlsResource {
  readonly url: URL;
  readonly range?: ByteRange;
}

export interface HlsKey {
  readonly url: URL;
  readonly iv: Buffer | undefined;
}

export interface HlsSegment extends HlsResource {
  readonly sequence: number;
  readonly durationS: number;
  readonly map: HlsResource | undefined;
  readonly key: HlsKey | undefined;
}

export interface MasterPlaylist {
  readonly kind: 'master';
  readonly variants: readonly HlsVariant[];
}

export interface MediaPlaylist {
  readonly kind: 'media';
  readonly targetS: number;
  readonly hasEnded: boolean;
  readonly segments: readonly HlsSegment[];
}

/**
 * Reads a playlist as far as fetching its segments needs it. Addresses in it are of the web, whatever they say.
 * @throws VD_PULL_PLAYLIST, VD_PULL_ADDRESS_REFUSED
 */
export function readPlaylist(text: string, base: URL): MasterPlaylist | MediaPlaylist {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/, MAX_LINES);
  if (lines[0]?.trim() !== '#EXTM3U') throw pullError('VD_PULL_PLAYLIST', `${base.host} gives what is no playlist`);
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF')) ? readMaster(lines, base) : readMedia(lines, base);
}

function readMaster(lines: readonly string[], base: URL): MasterPlaylist {
  const ownAudio = new Set(
    lines
      .filter((line) => line.startsWith('#EXT-X-MEDIA:'))
      .map(attributesOf)
      .filter((attributes) => attributes['TYPE'] === 'AUDIO' && attributes['URI'] !== undefined)
      .map((attributes) => attributes['GROUP-ID']),
  );
  const variants: HlsVariant[] = [];
  let next: Record<string, string> | undefined;
  for (const line of lines) {
    if (line.startsWith('#EXT-X-STREAM-INF')) next = attributesOf(line);
    else if (next !== undefined && isAddress(line)) {
      const hasOwnAudio = next['AUDIO'] !== undefined && ownAudio.has(next['AUDIO']);
      variants.push({ url: addressIn(line, base), bandwidth: numberOf(next['BANDWIDTH'] ?? '', 0), hasOwnAudio });
      next = undefined;
    }
  }
  if (variants.length === 0) throw pullError('VD_PULL_PLAYLIST', `The playlist of ${base.host} names no stream`);
  return { kind: 'master', variants };
}

function readMedia(lines: readonly string[], base: URL): MediaPlaylist {
  let sequence = 0;
  let targetS = 6;
  let durationS: number | undefined;
  let map: HlsResource | undefined;
  let key: HlsKey | undefined;
  let range: ByteRange | undefined;
  let endOfLast = 0;
  const segments: HlsSegment[] = [];
  for (const line of lines) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) sequence = numberOf(value, 0);
    else if (line.startsWith('#EXT-X-TARGETDURATION:')) targetS = Math.min(Math.max(1, numberOf(value, 6)), MAX_TARGET_S);
    else if (line.startsWith('#EXTINF:')) durationS = Math.min(numberOf(value, targetS), MAX_TARGET_S);
    else if (line.startsWith('#EXT-X-BYTERANGE:')) range = rangeOf(value, endOfLast);
    else if (line.startsWith('#EXT-X-MAP:')) map = mapOf(attributesOf(line), base);
    else if (line.startsWith('#EXT-X-KEY:')) key = keyOf(attributesOf(line), base);
    else if (durationS !== undefined && isAddress(line)) {
      segments.push({ url: addressIn(line, base), sequence, durationS, map, key, ...(range && { range }) });
      endOfLast = range === undefined ? 0 : range.offset + range.length;
      sequence += 1;
      durationS = range = undefined;
    }
  }
  return { kind: 'media', targetS, hasEnded: lines.some((line) => line.startsWith('#EXT-X-ENDLIST')), segments };
}

const isAddress = (line: string): boolean => line.trim() !== '' && !line.startsWith('#');
const numberOf = (text: string, fallback: number): number => {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) && value >= 0 ? value : fallback;
};

/** @example attributesOf('#EXT-X-KEY:METHOD=AES-128,URI="a,b"') // { METHOD: 'AES-128', URI: 'a,b' } */
function attributesOf(line: string): Record<string, string> {
  const pairs = line.slice(line.indexOf(':') + 1).matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
}

/** @example rangeOf('100@20', 0) // { length: 100, offset: 20 } */
function rangeOf(text: string, endOfLast: number): ByteRange {
  const [length = '', offset] = text.trim().split('@');
  return {
    length: Math.max(1, Math.floor(numberOf(length, 1))),
    offset: Math.floor(offset === undefined ? endOfLast : numberOf(offset, 0)),
  };
}

function mapOf(attributes: Record<string, string>, base: URL): HlsResource | undefined {
  const { URI: uri, BYTERANGE: range } = attributes;
  if (uri === undefined) return undefined;
  return { url: addressIn(uri, base), ...(range !== undefined && { range: rangeOf(range, 0) }) };
}

function keyOf({ METHOD: method, URI: uri, IV: iv, KEYFORMAT: format }: Record<string, string>, base: URL): HlsKey | undefined {
  if (method === 'NONE') return undefined;
  if (method !== 'AES-128' || uri === undefined || (format ?? 'identity') !== 'identity')
    throw pullError(
      'VD_PULL_PLAYLIST',
      `The segments of ${base.host} are encrypted by a way that is not known (${method ?? 'none named'})`,
    );
  const digits = /^0x([0-9a-f]{1,32})$/i.exec(iv ?? '')?.[1];
  return { url: addressIn(uri, base), iv: digits === undefined ? undefined : Buffer.from(digits.padStart(32, '0'), 'hex') };
}

/** @throws VD_PULL_ADDRESS_REFUSED for what is not of the web: a file of this machine, for one */
function addressIn(text: string, base: URL): URL {
  const url = URL.parse(text.trim(), base.href);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return withoutLogin(url);
  const scheme = /^[a-z][a-z0-9+.-]{0,20}:/i.exec(text.trim())?.[0] ?? 'what is none';
  throw pullError('VD_PULL_ADDRESS_REFUSED', `The playlist of ${base.host} names an address that is not of the web (${scheme})`);
}
