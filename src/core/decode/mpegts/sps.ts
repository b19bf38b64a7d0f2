import { BitReader } from './bit-reader.js';
import { nalType, nalUnits } from './nal.js';
import type { VideoCodec } from './transport-segment.js';

/** Size of the decoded picture after cropping, in coded pixels: the sample aspect ratio is not applied. */
export interface VideoSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

const H264_SPS = 7;
const HEVC_SPS = 33;
const MAX_SIDE_PX = 16_384;
/** A sequence parameter set is a few dozen bytes; a longer one is not read further. */
const MAX_SPS_BYTES = 4096;
const H264_PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * Reads the picture size from the sequence parameter set in an access unit (keyframes carry one in MPEG-TS).
 * @returns null when there is none, or none that makes sense
 */
export function parseVideoSize(codec: VideoCodec, annexB: Buffer): VideoSize | null {
  for (const nal of nalUnits(annexB)) {
    const type = nalType(codec, nal[0] ?? 0);
    if (codec === 'h264' ? type !== H264_SPS : type !== HEVC_SPS) continue;
    try {
      const payload = nal.subarray(codec === 'h264' ? 1 : 2, MAX_SPS_BYTES);
      const size = codec === 'h264' ? h264Size(new BitReader(payload)) : hevcSize(new BitReader(payload));
      if (isSane(size.widthPx) && isSane(size.heightPx)) return size;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return null;
}

function isSane(sidePx: number): boolean {
  return sidePx > 0 && sidePx <= MAX_SIDE_PX;
}

function h264Size(bits: BitReader): VideoSize {
  const profile = bits.bits(8);
  bits.skip(16); // constraint flags, level
  bits.unsigned(); // seq_parameter_set_id
  let chromaFormat = 1;
  if (H264_PROFILES_WITH_CHROMA.has(profile)) {
    chromaFormat = bits.unsigned();
    if (chromaFormat === 3) chromaFormat = bits.bit() === 1 ? 0 : 3; // separate planes crop like monochrome
    bits.unsigned(); // bit_depth_luma
    bits.unsigned(); // bit_depth_chroma
    bits.bit(); // qpprime_y_zero_transform_bypass
    if (bits.bit() === 1) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8);
  }
  bits.unsigned(); // log2_max_frame_num
  const orderType = bits.unsigned();
  if (orderType === 0) bits.unsigned();
  else if (orderType === 1) {
    bits.bit();
    bits.signed();
    bits.signed();
    const count = bits.unsigned();
    if (count > 255) throw new RangeError('num_ref_frames_in_pic_order_cnt_cycle');
    for (let i = 0; i < count; i++) bits.signed();
  }
  bits.unsigned(); // max_num_ref_frames
  bits.bit(); // gaps_in_frame_num_allowed
  const widthMbs = bits.unsigned() + 1;
  const heightMapUnits = bits.unsigned() + 1;
  const frameMbsOnly = bits.bit();
  if (frameMbsOnly === 0) bits.bit(); // mb_adaptive_frame_field
  bits.bit(); // direct_8x8_inference
  const crop = readCrop(bits);
  const cropUnitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropUnitY = (chromaFormat === 1 ? 2 : 1) * (2 - frameMbsOnly);
  return {
    widthPx: widthMbs * 16 - crop.x * cropUnitX,
    heightPx: (2 - frameMbsOnly) * heightMapUnits * 16 - crop.y * cropUnitY,
  };
}

function skipScalingLists(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.bit() === 0) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function hevcSize(bits: BitReader): VideoSize {
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.bit(); // temporal_id_nesting
  bits.skip(96); // general profile, tier, constraints and level
  const present: { profile: number; level: number }[] = [];
  for (let i = 0; i < subLayers; i++) present.push({ profile: bits.bit(), level: bits.bit() });
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const layer of present) bits.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0));
  bits.unsigned(); // sps_seq_parameter_set_id
  const chromaFormat = bits.unsigned();
  const separatePlanes = chromaFormat === 3 ? bits.bit() : 0;
  const widthPx = bits.unsigned();
  const heightPx = bits.unsigned();
  const crop = readCrop(bits);
  const subsampled = separatePlanes === 0;
  return {
    widthPx: widthPx - crop.x * (subsampled && (chromaFormat === 1 || chromaFormat === 2) ? 2 : 1),
    heightPx: heightPx - crop.y * (subsampled && chromaFormat === 1 ? 2 : 1),
  };
}

/** Cropping or conformance window: flag, then left, right, top, bottom. */
function readCrop(bits: BitReader): { x: number; y: number } {
  if (bits.bit() === 0) return { x: 0, y: 0 };
  const left = bits.unsigned();
  const right = bits.unsigned();
  return { x: left + right, y: bits.unsigned() + bits.unsigned() };
}
