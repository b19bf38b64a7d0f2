import { ADTS_HEADER_BYTES, MAX_ADTS_FRAME_BYTES, parseAacConfiguration, writeAdtsHeader } from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';
import type { PushedAudioTrack } from '../../plugin-api/index.js';

/** How a frame of sound lies in MPEG-TS. */
export interface SoundFraming {
  readonly streamType: number;
  /** Bytes before each frame. */
  readonly headBytes: number;
  readonly maxFrameBytes: number;
  /** Writes what stands before a frame of so many bytes. */
  writeHead(target: Buffer, frameBytes: number): void;
}

const MP3: SoundFraming = { streamType: 0x03, headBytes: 0, maxFrameBytes: 0xffff - 64, writeHead: () => undefined };

/** @throws VD_MEDIA_CODEC_CONFIG_INVALID, VD_MEDIA_CONTAINER_UNSUITABLE */
export function soundFraming({ codec, configuration }: PushedAudioTrack): SoundFraming {
  if (codec === 'mp3') return MP3;
  if (codec === 'opus') throw mediaError('VD_MEDIA_CONTAINER_UNSUITABLE', 'Opus in MPEG-TS is read by no browser');
  const { adts, codecString } = parseAacConfiguration(configuration);
  if (adts === undefined) throw mediaError('VD_MEDIA_CONTAINER_UNSUITABLE', `ADTS has no words for AAC of the kind ${codecString}`);
  const element = adts.channelElement ?? new Uint8Array(0);
  const headBytes = ADTS_HEADER_BYTES + element.length;
  return {
    streamType: 0x0f,
    headBytes,
    maxFrameBytes: MAX_ADTS_FRAME_BYTES - headBytes,
    writeHead: (target, frameBytes) => {
      writeAdtsHeader(target, 0, adts, headBytes + frameBytes);
      target.set(element, ADTS_HEADER_BYTES);
    },
  };
}
