import { mediaError } from '../../errors/media.errors.js';
import { demuxFragments } from '../fmp4/demux-fragments.js';
import { demuxTransport } from '../mpegts/demux.js';
import type { DemuxedSegment } from './demuxed-segment.js';

/** Boxes that an fMP4 segment may begin with. */
const FIRST_BOXES = new Set(['ftyp', 'styp', 'moof', 'moov', 'sidx', 'emsg', 'prft']);

/**
 * Takes a segment apart into access units: MPEG-TS, or fMP4 with its initialization before it. Safe on any bytes: work and memory stay
 * within a small multiple of the input's size, and the only thing it throws is a coded error. Units are views of `bytes`: keep that
 * unchanged.
 * @throws VD_MEDIA_EMPTY, VD_MEDIA_NOT_MPEGTS, VD_MEDIA_NO_PROGRAM, VD_MEDIA_UNSUPPORTED_CODEC, VD_MEDIA_CODEC_CONFIG_INVALID
 * @example const { video } = demuxSegment(await readSegment(mediaDir, path)); video?.units.filter((unit) => unit.keyframe);
 */
export function demuxSegment(bytes: Buffer): DemuxedSegment {
  if (bytes.length === 0) throw mediaError('VD_MEDIA_EMPTY', 'the segment has 0 bytes');
  return isFragmented(bytes) ? demuxFragments(bytes) : demuxTransport(bytes);
}

/** Whether a file is fMP4, or the initialization of one, by how it begins. */
export function isFragmented(bytes: Buffer): boolean {
  return FIRST_BOXES.has(bytes.toString('latin1', 4, 8));
}
