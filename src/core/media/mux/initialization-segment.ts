import { box, fullBox, uint16, uint32 } from './iso-box.js';

/** One clock for all tracks and containers: a frame's time is the same in MPEG-TS. */
export const TIMESCALE = 90_000;
/** Flags of a frame that nothing else is needed for. */
export const SYNC_SAMPLE = 0x0200_0000;
/** Flags of a frame that builds on others. */
export const DEPENDENT_SAMPLE = 0x0101_0000;

export interface InitializedTrack {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  readonly sampleEntry: Buffer;
  readonly size?: { readonly widthPx: number; readonly heightPx: number };
}

const zeros = (count: number): Buffer => Buffer.alloc(count);
const UNITY_MATRIX = uint32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const MOVIE_TIMESCALE = 1000;
const LANGUAGE_UNDETERMINED = 0x55c4;
const FULL_VOLUME = 0x0100;
const ENABLED_IN_MOVIE_AND_PREVIEW = 7;

/** What stands before all fragments of an epoch: `ftyp` and `moov` (ISO/IEC 14496-12). */
export function initializationSegment(tracks: readonly InitializedTrack[]): Buffer {
  const brands = Buffer.from('iso6iso6mp41', 'latin1');
  const fileType = box('ftyp', brands.subarray(0, 4), uint32(1), brands.subarray(4));
  const header = fullBox(
    'mvhd',
    ...([0, 0] as const),
    ...[uint32(0, 0, MOVIE_TIMESCALE, 0, 0x10000), uint16(FULL_VOLUME), zeros(10), UNITY_MATRIX, zeros(24), uint32(tracks.length + 1)],
  );
  const extends_ = tracks.map(({ id, kind }) => fullBox('trex', 0, 0, uint32(id, 1, 0, 0, kind === 'audio' ? SYNC_SAMPLE : 0)));
  return Buffer.concat([fileType, box('moov', header, ...tracks.map(trackBox), box('mvex', ...extends_))]);
}

function trackBox({ id, kind, sampleEntry, size }: InitializedTrack): Buffer {
  const isAudio = kind === 'audio';
  const header = fullBox(
    'tkhd',
    ...([0, ENABLED_IN_MOVIE_AND_PREVIEW] as const),
    ...[uint32(0, 0, id, 0, 0), zeros(8), uint16(0, 0, isAudio ? FULL_VOLUME : 0, 0), UNITY_MATRIX],
    uint32((size?.widthPx ?? 0) * 0x10000, (size?.heightPx ?? 0) * 0x10000),
  );
  const mediaHeader = fullBox('mdhd', 0, 0, uint32(0, 0, TIMESCALE, 0), uint16(LANGUAGE_UNDETERMINED, 0));
  const handler = fullBox('hdlr', 0, 0, zeros(4), Buffer.from(isAudio ? 'soun' : 'vide', 'latin1'), zeros(13));
  const kindHeader = isAudio ? fullBox('smhd', 0, 0, zeros(4)) : fullBox('vmhd', 0, 1, zeros(8));
  const data = box('dinf', fullBox('dref', 0, 0, uint32(1), fullBox('url ', 0, 1)));
  const noSamples = [fullBox('stts', 0, 0, zeros(4)), fullBox('stsc', 0, 0, zeros(4)), fullBox('stsz', 0, 0, zeros(8))];
  const samples = box('stbl', fullBox('stsd', 0, 0, uint32(1), sampleEntry), ...noSamples, fullBox('stco', 0, 0, zeros(4)));
  return box('trak', header, box('mdia', mediaHeader, handler, box('minf', kindHeader, data, samples)));
}
