import type { PushedAudioCodec, PushedVideoCodec } from 'vedette/plugin';

/** What is wrong with a frame; undefined for one that is built as its codec has it. Its pictures may be damaged all the same. */
export type Damage = string | undefined;

const H264_PICTURE_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
const FIRST_HEVC_NON_PICTURE = 32;
/** Ample for 8 channels of AAC at its highest rate. */
const MAX_AAC_BYTES = 8192;
const MAX_OPUS_PACKET_BYTES = 1275 * 48;

export function videoDamage(codec: PushedVideoCodec, configuration: Buffer, data: Buffer): Damage {
  if (data.length === 0) return 'empty';
  switch (codec) {
    case 'h264':
      return unitsDamage(data, ((configuration[4] ?? 3) & 3) + 1, (first) => H264_PICTURE_TYPES.has(first & 0x1f));
    case 'hevc':
      return unitsDamage(data, ((configuration[21] ?? 3) & 3) + 1, (first) => ((first >> 1) & 0x3f) < FIRST_HEVC_NON_PICTURE);
    case 'av1':
      return obuDamage(data);
    case 'vp9':
      return data.readUInt8(0) >> 6 === 2 ? undefined : 'no VP9 frame';
  }
}

export function audioDamage(codec: PushedAudioCodec, data: Buffer): Damage {
  if (data.length === 0) return 'empty';
  switch (codec) {
    case 'aac':
      // A raw frame cannot begin with the mark of its end, which the sync word of ADTS begins with.
      if (data.readUInt8(0) === 0xff && data.length > 1 && (data.readUInt8(1) & 0xf6) === 0xf0) return 'ADTS inside';
      return data.length > MAX_AAC_BYTES ? 'larger than any frame' : undefined;
    case 'mp3':
      return mp3Header(data) === undefined ? 'no MP3 frame' : undefined;
    case 'opus':
      return data.length > MAX_OPUS_PACKET_BYTES ? 'larger than any frame' : undefined;
  }
}

/** What all frames of one MP3 stream have alike: version, layer, sampling rate, whether it is mono. Undefined where there is no frame. */
export function mp3Header(data: Buffer): number | undefined {
  if (data.length < 4) return undefined;
  const header = data.readUInt32BE();
  const isFrame = header >>> 21 === 0x7ff && ((header >>> 17) & 3) !== 0 && ((header >>> 12) & 15) !== 15 && ((header >>> 10) & 3) !== 3;
  const isMono = ((header >>> 6) & 3) === 3;
  return isFrame ? ((header & 0xfffe0c00) >>> 0) + Number(isMono) : undefined;
}

/** NAL units, each behind its length: all there, each with a head that units have, and a picture among them. */
function unitsDamage(data: Buffer, lengthBytes: number, isPicture: (first: number) => boolean): Damage {
  let pictures = 0;
  for (let at = 0; at < data.length;) {
    if (at + lengthBytes > data.length) return 'cut short';
    const unitBytes = data.readUIntBE(at, lengthBytes);
    at += lengthBytes;
    if (unitBytes === 0) return 'with an empty unit';
    if (at + unitBytes > data.length) return 'cut short';
    const first = data.readUInt8(at);
    if ((first & 0x80) !== 0) return 'with a unit that is none';
    if (isPicture(first)) pictures += 1;
    at += unitBytes;
  }
  return pictures === 0 ? 'without a picture' : undefined;
}

/** Open bitstream units of AV1: all there, and a frame among them. */
function obuDamage(data: Buffer): Damage {
  let frames = 0;
  for (let at = 0; at < data.length;) {
    const header = data.readUInt8(at);
    if ((header & 0x80) !== 0) return 'with a unit that is none';
    const type = (header >> 3) & 0x0f;
    at += (header & 0x04) !== 0 ? 2 : 1;
    if (type === 3 || type === 6) frames += 1;
    if ((header & 0x02) === 0) break; // the last one may leave its size out
    const size = leb128(data, at);
    if (size === undefined) return 'cut short';
    at = size.end + size.value;
    if (at > data.length) return 'cut short';
  }
  return frames === 0 ? 'without a picture' : undefined;
}

function leb128(data: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = data[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: start + i + 1 };
  }
  return undefined;
}
