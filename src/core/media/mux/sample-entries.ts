import { mp3HeaderAt, parseAacConfiguration, parseOpusConfiguration, vpcRecord, type Mp3Header } from '../../decode/codec/index.js';
import type { PushedAudioTrack, PushedVideoTrack } from '../../plugin-api/index.js';
import { box, fullBox, uint16, uint32 } from './iso-box.js';

const zeros = (count: number): Buffer => Buffer.alloc(count);
const DPI_72 = 0x480000;
/** Object types of sound in MPEG-4 (ISO/IEC 14496-1, table 5). */
const [OBJECT_AAC, OBJECT_MPEG2_AUDIO, OBJECT_MPEG1_AUDIO] = [0x40, 0x69, 0x6b];
const AUDIO_STREAM = 0x15;

/** The `stsd` entry of a video track. */
export function videoSampleEntry({ codec, configuration }: PushedVideoTrack, size: { widthPx: number; heightPx: number }): Buffer {
  const entry = (type: string, ...boxes: readonly Buffer[]): Buffer =>
    box(
      type,
      ...[zeros(6), uint16(1), zeros(16), uint16(size.widthPx, size.heightPx), uint32(DPI_72, DPI_72, 0)],
      ...[uint16(1), zeros(32), uint16(24, 0xffff), ...boxes],
    );
  switch (codec) {
    case 'h264':
      return entry('avc1', box('avcC', configuration));
    case 'hevc':
      return entry('hvc1', box('hvcC', configuration));
    case 'av1':
      return entry('av01', box('av1C', configuration));
    case 'vp9':
      return entry('vp09', fullBox('vpcC', 1, 0, vpcRecord(configuration)));
  }
}

/**
 * The `stsd` entry of an audio track.
 * @param mp3 header of the first frame, for MP3, which is configured by nothing else
 */
export function audioSampleEntry({ codec, configuration }: PushedAudioTrack, mp3: Mp3Header | undefined): Buffer {
  const entry = (type: string, channelCount: number, sampleRateHz: number, child: Buffer): Buffer =>
    // The rate has 16 bits: a higher one is left to the codec's own words.
    box(type, zeros(6), uint16(1), zeros(8), uint16(channelCount, 16, 0, 0, sampleRateHz > 0xffff ? 0 : sampleRateHz, 0), child);
  if (codec === 'opus') {
    const { dops, channelCount, sampleRateHz } = parseOpusConfiguration(configuration);
    return entry('Opus', channelCount, sampleRateHz, box('dOps', dops));
  }
  if (codec === 'mp3') {
    const { channelCount, sampleRateHz } = mp3 ?? { channelCount: 2, sampleRateHz: 44_100 };
    return entry('mp4a', channelCount, sampleRateHz, esds(sampleRateHz < 32_000 ? OBJECT_MPEG2_AUDIO : OBJECT_MPEG1_AUDIO));
  }
  const { channelCount, sampleRateHz } = parseAacConfiguration(configuration);
  return entry('mp4a', channelCount, sampleRateHz, esds(OBJECT_AAC, configuration));
}

export const firstMp3Header = (frame: Uint8Array): Mp3Header | undefined => mp3HeaderAt(frame) ?? undefined;

function esds(objectType: number, specific?: Uint8Array): Buffer {
  const decoder = Buffer.concat([
    Buffer.from([objectType, AUDIO_STREAM]),
    zeros(3 + 4 + 4), // buffer size, greatest and mean bit rate: not known
    ...(specific === undefined ? [] : [descriptor(0x05, specific)]),
  ]);
  const stream = Buffer.concat([uint16(0), zeros(1), descriptor(0x04, decoder), descriptor(0x06, Buffer.from([2]))]);
  return fullBox('esds', 0, 0, descriptor(0x03, stream));
}

/** Tag, length in four times seven bits, and what is in it. */
function descriptor(tag: number, body: Uint8Array): Buffer {
  const { length } = body;
  const sizes = [(length >> 21) | 0x80, (length >> 14) | 0x80, (length >> 7) | 0x80, length & 0x7f].map((byte) => byte & 0xff);
  return Buffer.concat([Buffer.from([tag, ...sizes]), body]);
}
