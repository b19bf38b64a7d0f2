import type { PushedAudioCodec, PushedVideoCodec } from 'vedette/plugin';

/** AVCDecoderConfigurationRecord: version 1, at least one SPS and one PPS, every length inside the record. */
function isAvcRecord(record: Buffer): boolean {
  if (record.length < 8 || record[0] !== 1) return false;
  let offset = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[offset++] ?? 0) & mask;
    if (count === 0) return false;
    const end = endOfUnits(record, offset, count);
    if (end === undefined) return false;
    offset = end;
  }
  return true;
}

/** HEVCDecoderConfigurationRecord: every length inside the record, and some parameter set at all. */
function isHevcRecord(record: Buffer): boolean {
  const arrays = record[22] ?? 0;
  if (arrays === 0 || record[0] !== 1) return false;
  let offset = 23;
  for (let i = 0; i < arrays; i++) {
    if (offset + 3 > record.length) return false;
    const end = endOfUnits(record, offset + 3, record.readUInt16BE(offset + 1));
    if (end === undefined) return false;
    offset = end;
  }
  return true;
}

/** Where units that each stand behind two bytes of length end; undefined where one is empty or not all there. */
function endOfUnits(record: Buffer, start: number, count: number): number | undefined {
  let offset = start;
  for (let i = 0; i < count; i++) {
    if (offset + 2 > record.length) return undefined;
    const lengthBytes = record.readUInt16BE(offset);
    offset += 2 + lengthBytes;
    if (lengthBytes === 0 || offset > record.length) return undefined;
  }
  return offset;
}

const VIDEO: Readonly<Record<PushedVideoCodec, (record: Buffer) => boolean>> = {
  h264: isAvcRecord,
  hevc: isHevcRecord,
  av1: (record) => record.length >= 4 && record[0] === 0x81,
  vp9: (record) => record.length >= 8,
};
const AUDIO: Readonly<Record<PushedAudioCodec, (config: Buffer) => boolean>> = {
  aac: (config) => config.length >= 2 && config.length <= 64,
  opus: (config) => config.length >= 11 && config.length <= 512,
  mp3: (config) => config.length === 0,
};

/** Whether a sequence header is what its codec has; whoever uses it reads it whole. */
export const isVideoConfiguration = (codec: PushedVideoCodec, record: Buffer): boolean => VIDEO[codec](record);
export const isAudioConfiguration = (codec: PushedAudioCodec, config: Buffer): boolean => AUDIO[codec](config);

const VPCC_FULL_BOX = Buffer.from([1, 0, 0, 0]);

/** A `vpcC` record; some writers put the version and flags of its box in front. */
export function vp9Record(body: Buffer): Buffer {
  return body.length >= 12 && body.subarray(0, 4).equals(VPCC_FULL_BOX) ? body.subarray(4) : body;
}
