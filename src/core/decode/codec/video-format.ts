import type { PushedVideoTrack } from '../../plugin-api/index.js';
import { parseAv1Configuration } from './av1-configuration.js';
import { parseAvcConfiguration } from './avc-configuration.js';
import { parseHevcConfiguration } from './hevc-configuration.js';
import type { VideoFormat } from './media-format.js';
import { parseVp9Configuration } from './vp9-configuration.js';

const PARSERS = {
  h264: parseAvcConfiguration,
  hevc: parseHevcConfiguration,
  av1: parseAv1Configuration,
  vp9: parseVp9Configuration,
} as const;

/**
 * What a video track's decoder configuration says. Safe on any bytes.
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 * @example videoFormatOf({ codec: 'h264', configuration: avcC }).codecString === 'avc1.640028'
 */
export function videoFormatOf({ codec, configuration }: Pick<PushedVideoTrack, 'codec' | 'configuration'>): VideoFormat {
  return PARSERS[codec](configuration);
}
