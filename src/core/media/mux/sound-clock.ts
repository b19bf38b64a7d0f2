import { mp3HeaderAt, opusPacketSamples, parseAacConfiguration } from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';
import type { PushedAudioTrack } from '../../plugin-api/index.js';

const TICKS_PER_SECOND = 90_000;
const OPUS_RATE_HZ = 48_000;
/** Who stamps in whole milliseconds is off by no more than this. */
export const ROUNDING_TICKS = 90;

/**
 * How long a frame lasts, in ticks of 90 kHz that need not be whole.
 * @throws VD_MEDIA_FRAME_DAMAGED for what is no frame of the codec
 */
export type SoundClock = (frame: Uint8Array) => number;

/** @throws VD_MEDIA_CODEC_CONFIG_INVALID */
export function soundClock({ codec, configuration }: PushedAudioTrack): SoundClock {
  if (codec === 'mp3') return mp3Ticks;
  if (codec === 'opus') return opusTicks;
  const { samplesPerFrame, coreSampleRateHz } = parseAacConfiguration(configuration);
  const ticks = (samplesPerFrame * TICKS_PER_SECOND) / coreSampleRateHz;
  return ({ length }) => {
    if (length === 0) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'a frame of AAC has 0 bytes');
    return ticks;
  };
}

/** One or more whole frames: their headers say how long they are. */
function mp3Ticks(frame: Uint8Array): number {
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
}

function opusTicks(packet: Uint8Array): number {
  const samples = opusPacketSamples(packet);
  if (samples === null) throw mediaError('VD_MEDIA_FRAME_DAMAGED', `no packet of Opus in ${packet.length} bytes`);
  return (samples * TICKS_PER_SECOND) / OPUS_RATE_HZ;
}
