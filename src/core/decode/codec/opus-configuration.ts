import { ConfigurationBytes } from './configuration-bytes.js';
import type { AudioFormat } from './media-format.js';

/** Opus always decodes to this. */
const OPUS_RATE_HZ = 48_000;
const HEAD = Buffer.from('OpusHead');

export interface OpusFormat extends AudioFormat {
  readonly codec: 'opus';
  /** The body of `dOps`: numbers in network order, whichever way they came. */
  readonly dops: Uint8Array;
}

/**
 * Reads `OpusHead` (RFC 7845, 5.1) or the body of `dOps` (Encapsulation of Opus in ISO BMFF, 4.3.2).
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function parseOpusConfiguration(configuration: Uint8Array): OpusFormat {
  const isHead = HEAD.equals(configuration.subarray(0, HEAD.length));
  const name = isHead ? 'OpusHead' : 'dOps';
  const body = Buffer.from(configuration.subarray(isHead ? HEAD.length : 0));
  const bytes = new ConfigurationBytes(body, name);
  const version = bytes.byte();
  if (isHead ? version >> 4 !== 0 : version !== 0) throw bytes.invalid('is of an unknown version');
  const channelCount = bytes.byte();
  bytes.take(8); // pre-skip, rate of the input, gain
  const family = bytes.byte();
  if (channelCount === 0 || (family === 0 && channelCount > 2)) throw bytes.invalid(`has ${channelCount} channels in family ${family}`);
  if (family !== 0) bytes.take(2 + channelCount);
  const dops = body.subarray(0, body.length - bytes.left);
  if (isHead) {
    dops[0] = 0;
    dops.subarray(2, 4).swap16();
    dops.subarray(4, 8).swap32();
    dops.subarray(8, 10).swap16();
  }
  return { codec: 'opus', codecString: 'opus', sampleRateHz: OPUS_RATE_HZ, channelCount, dops };
}

/** Samples of frames of each configuration of the first byte's upper bits at 48 kHz (RFC 6716, 3.1). */
const FRAME_SAMPLES = [480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 480, 960] as const;
const CELT_SAMPLES = [120, 240, 480, 960] as const;
const MAX_PACKET_SAMPLES = 5760;

/** How long an Opus packet is, at 48 kHz; null for what is none. */
export function opusPacketSamples(packet: Uint8Array): number | null {
  const first = packet[0];
  if (first === undefined) return null;
  const configuration = first >> 3;
  const each = FRAME_SAMPLES[configuration] ?? CELT_SAMPLES[configuration & 3]!;
  const code = first & 3;
  const count = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  const samples = each * count;
  return samples > 0 && samples <= MAX_PACKET_SAMPLES ? samples : null;
}
