import { importError } from '../../errors/import.errors.js';

/** How much of a file's beginning says what it is. */
export const HEAD_BYTES = 1024;

const TS_PACKETS = [188, 192, 204] as const;
const SYNC = 0x47;
/** By their first bytes, and where these stand. */
const CONTAINERS: readonly (readonly [demuxer: string, at: number, magic: string])[] = [
  ['matroska', 0, '\x1a\x45\xdf\xa3'],
  ['flv', 0, 'FLV\x01'],
  ['mpeg', 0, '\x00\x00\x01\xba'],
  ['ogg', 0, 'OggS'],
  ['asf', 0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11'],
  ['mxf', 0, '\x06\x0e\x2b\x34'],
  ['avi', 8, 'AVI '],
];
const ISO_BOXES = new Set(['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'moof', 'styp']);
const OTHERS: readonly (readonly [what: string, at: number, magic: string])[] = [
  ['a picture (JPEG)', 0, '\xff\xd8\xff'],
  ['a picture (PNG)', 0, '\x89PNG'],
  ['a picture (GIF)', 0, 'GIF8'],
  ['a picture (WebP)', 8, 'WEBP'],
  ['sound alone (WAV)', 8, 'WAVE'],
  ['sound alone (FLAC)', 0, 'fLaC'],
  ['sound alone (MP3)', 0, 'ID3'],
  ['sound alone (MP3)', 0, '\xff\xfb'],
  ['a document (PDF)', 0, '%PDF'],
  ['an archive (ZIP)', 0, 'PK\x03\x04'],
  ['an archive (gzip)', 0, '\x1f\x8b'],
  ['a playlist, not a video', 0, '#EXTM3U'],
];
/** Pictures that come in the boxes of MP4. */
const ISO_PICTURES = new Set(['heic', 'heix', 'mif1', 'msf1', 'avif', 'avis']);

/**
 * What a file is, by its first bytes and never by its name: libav's name of the one demuxer that may read it.
 * @throws VD_IMPORT_NOT_MEDIA
 */
export function demuxerOf(head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (head.length === 0) throw importError('VD_IMPORT_NOT_MEDIA', 'The file is empty');
  if (ISO_BOXES.has(text.slice(4, 8))) {
    if (text.startsWith('ftyp', 4) && ISO_PICTURES.has(text.slice(8, 12)))
      throw importError('VD_IMPORT_NOT_MEDIA', 'The file is a picture (HEIF or AVIF)');
    return 'mov';
  }
  const found = CONTAINERS.find(([, at, magic]) => text.startsWith(magic, at));
  if (found !== undefined) return found[0];
  if (isTransportStream(head)) return 'mpegts';
  const other = OTHERS.find(([, at, magic]) => text.startsWith(magic, at))?.[0];
  throw importError('VD_IMPORT_NOT_MEDIA', `The file is ${other ?? 'of no kind that Vedette knows'}`);
}

/** Packets of 188 bytes, as they are, with a time before each (M2TS), or with a checksum behind. */
function isTransportStream(head: Uint8Array): boolean {
  return TS_PACKETS.some((size) => {
    const first = size === 192 ? 4 : 0;
    for (let at = first; at < Math.min(head.length, first + 3 * size); at += size) if (head[at] !== SYNC) return false;
    return head.length > first + 2 * size;
  });
}
