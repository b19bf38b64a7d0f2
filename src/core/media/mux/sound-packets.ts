import {
  ADTS_HEADER_BYTES,
  MAX_ADTS_FRAME_BYTES,
  mp3HeaderAt,
  parseAacConfiguration,
  writeAdtsHeader,
  type AdtsParameters,
} from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';
import type { PushedAudioTrack } from '../../plugin-api/index.js';

const TICKS_PER_SECOND = 90_000;

/** How a frame of sound lies in MPEG-TS. */
export interface SoundFraming {
  readonly streamType: number;
  /**
   * How long the frame lasts.
   * @throws VD_MEDIA_FRAME_DAMAGED
   */
  durationTicks(frame: Uint8Array): number;
  /** Bytes before each frame. */
  readonly headBytes: number;
  /** Writes them. */
  writeHead(target: Buffer, at: number, frameBytes: number): void;
}

/**
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID, VD_MEDIA_CONTAINER_UNSUITABLE
 */
export function soundFraming({ codec, configuration }: PushedAudioTrack): SoundFraming {
  if (codec === 'mp3') return MP3;
  if (codec === 'opus') throw mediaError('VD_MEDIA_CONTAINER_UNSUITABLE', 'Opus in MPEG-TS is read by no browser');
  const { adts, coreSampleRateHz, codecString } = parseAacConfiguration(configuration);
  if (adts === undefined) throw mediaError('VD_MEDIA_CONTAINER_UNSUITABLE', `ADTS has no words for AAC of the kind ${codecString}`);
  return adtsFraming(adts, coreSampleRateHz);
}

function adtsFraming(adts: AdtsParameters, sampleRateHz: number): SoundFraming {
  const element = adts.channelElement ?? new Uint8Array(0);
  const headBytes = ADTS_HEADER_BYTES + element.length;
  const frameTicks = (1024 * TICKS_PER_SECOND) / sampleRateHz;
  return {
    streamType: 0x0f,
    headBytes,
    durationTicks: ({ length }) => {
      if (length === 0 || length + headBytes > MAX_ADTS_FRAME_BYTES)
        throw mediaError('VD_MEDIA_FRAME_DAMAGED', `a frame of AAC has ${length} bytes`);
      return frameTicks;
    },
    writeHead: (target, at, frameBytes) => {
      writeAdtsHeader(target, at, adts, headBytes + frameBytes);
      target.set(element, at + ADTS_HEADER_BYTES);
    },
  };
}

/** One or more whole frames: their headers say how long they are. */
const MP3: SoundFraming = {
  streamType: 0x03,
  headBytes: 0,
  durationTicks: (frame) => {
    let ticks = 0;
    for (let at = 0; at < frame.length;) {
      const header = mp3HeaderAt(frame, at);
      if (header === null || at + header.sizeBytes > frame.length)
        throw mediaError('VD_MEDIA_FRAME_DAMAGED', `no whole frame of MP3 at ${at} of ${frame.length} bytes`);
      ticks += (header.samplesPerFrame * TICKS_PER_SECOND) / header.sampleRateHz;
      at += header.sizeBytes;
    }
    if (ticks === 0) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'a frame of MP3 has 0 bytes');
    return ticks;
  },
  writeHead: () => undefined,
};
