import { mediaError } from '../../errors/media.errors.js';
import type { AccessUnit } from '../segment/demuxed-unit.js';
import type { DemuxedSegment } from '../segment/demuxed-segment.js';
import { boxesIn } from './boxes.js';
import { FragmentReader } from './fragments.js';
import { readMovie, type Movie, type MovieTrack } from './movie.js';
import { unitMaker } from './sample-units.js';

/**
 * An fMP4 segment behind its initialization: see `demuxSegment`. Of each kind the first track is read.
 * @throws VD_MEDIA_NO_PROGRAM, VD_MEDIA_UNSUPPORTED_CODEC, VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function demuxFragments(bytes: Buffer): DemuxedSegment {
  let movie: Movie | undefined;
  let reader: FragmentReader | undefined;
  let errors = 0;
  for (const box of boxesIn(bytes, 0, bytes.length)) {
    if (box.isCut) errors++;
    if (box.type === 'moov' && !box.isCut) movie ??= readMovie(bytes, box);
    if (box.type !== 'moof' || box.isCut || movie === undefined) continue;
    reader ??= new FragmentReader(bytes, movie.tracks);
    reader.read(box);
  }
  if (movie === undefined) throw mediaError('VD_MEDIA_NO_PROGRAM', `no initialization before ${bytes.length} bytes of fragments`);
  const { tracks, unknown } = movie;
  const video = tracks.find((track) => track.kind === 'video');
  const audio = tracks.find((track) => track.kind === 'audio');
  if (video === undefined && audio === undefined)
    throw mediaError('VD_MEDIA_UNSUPPORTED_CODEC', `the initialization lists these tracks only: ${unknown.join(', ') || 'none'}`);
  const pictures = video && unitsOf(bytes, video, reader);
  const sounds = audio && unitsOf(bytes, audio, reader);
  return {
    video: video && pictures ? { codec: video.codec, units: pictures } : null,
    audio: audio && sounds ? { codec: audio.codec, units: sounds } : null,
    continuityErrors: errors + (reader?.errors ?? 0),
  };
}

function unitsOf(bytes: Buffer, track: MovieTrack, reader: FragmentReader | undefined): AccessUnit[] | null {
  const make = unitMaker(bytes, track);
  return make === null ? null : (reader?.samples.get(track.id) ?? []).map(make);
}
