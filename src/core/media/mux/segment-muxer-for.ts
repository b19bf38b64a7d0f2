import { parseAacConfiguration } from '../../decode/codec/index.js';
import type { MuxedTracks, SegmentMuxer } from '../packaging/segment-muxer.js';
import type { SegmentContainer } from '../segment-name.js';
import { Fmp4Muxer } from './fmp4-muxer.js';
import { MpegTsMuxer } from './mpeg-ts-muxer.js';

/** `packaging.container`: `auto` is MPEG-TS for what all players read there, fMP4 for the rest. */
export type ContainerChoice = 'auto' | SegmentContainer;

/**
 * The muxer for an epoch's tracks.
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID, and VD_MEDIA_CONTAINER_UNSUITABLE where MPEG-TS was asked for and cannot carry a track
 * @example const muxer = segmentMuxerFor({ video: { codec: 'h264', configuration: avcC } }, 'auto'); // MPEG-TS
 */
export function segmentMuxerFor(tracks: MuxedTracks, choice: ContainerChoice): SegmentMuxer {
  const container = choice === 'auto' ? usualContainer(tracks) : choice;
  return container === 'mpegts' ? new MpegTsMuxer(tracks) : new Fmp4Muxer(tracks);
}

function usualContainer({ video, audio }: MuxedTracks): SegmentContainer {
  if (video?.codec === 'av1' || video?.codec === 'vp9') return 'fmp4';
  // hls.js knows MP3 in MPEG-TS only.
  if (audio?.codec === 'mp3') return 'mpegts';
  if (video?.codec === 'hevc') return 'fmp4';
  if (audio === undefined) return 'mpegts';
  return audio.codec === 'aac' && parseAacConfiguration(audio.configuration).adts !== undefined ? 'mpegts' : 'fmp4';
}
