import { videoFormatOf } from '../../../decode/codec/index.js';
import type { PackagedMedia } from '../packager.js';
import type { MuxedTracks } from '../segment-muxer.js';

/** @throws VD_MEDIA_CODEC_CONFIG_INVALID */
export function mediaOf({ video, audio }: MuxedTracks): PackagedMedia {
  const format = video && videoFormatOf(video);
  return {
    videoFormat: format ?? null,
    videoCodec: video?.codec ?? null,
    audioCodec: audio?.codec ?? null,
    widthPx: format?.size?.widthPx ?? null,
    heightPx: format?.size?.heightPx ?? null,
  };
}
