import { BitReader } from './bit-reader.js';
import { nalType, nalUnits } from './nal.js';
import type { NalCodec } from './video-codec.js';

/** Size of the decoded picture after cropping, in coded pixels: the sample aspect ratio is not applied. */
export interface VideoSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** How finely colours are kept beside brightness: 0 none at all, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
export type ChromaFormatIdc = 0 | 1 | 2 | 3;

/** What a sequence parameter set says of its pictures. */
export interface SequenceFacts extends VideoSize {
  readonly chromaFormatIdc: ChromaFormatIdc;
  readonly bitDepth: number;
}

const H264_SPS = 7;
const HEVC_SPS = 33;
const MAX_SIDE_PX = 16_384;
const MAX_BIT_DEPTH = 16;
/** A sequence parameter set is a few dozen bytes; a longer one is not read further. */
const MAX_SPS_BYTES = 4096;
const H264_PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * Reads the picture size from the sequence parameter set in an access unit (keyframes carry one in MPEG-TS).
 * @returns null when there is none, or none that makes sense
 */
export function parseVideoSize(codec: NalCodec, annexB: Buffer): VideoSize | null {
  for (const nal of nalUnits(annexB)) {
    const facts = parseSequence(codec, nal);
    if (facts !== null) return { widthPx: facts.widthPx, heightPx: facts.heightPx };
  }
  return null;
}

/** @returns null where the NAL unit is no sequence parameter set, or none that makes sense */
export function parseSequence(codec: NalCodec, nal: Uint8Array): SequenceFacts | null {
  const type = nalType(codec, nal[0] ?? 0);
  if (codec === 'h264' ? type !== H264_SPS : type !== HEVC_SPS) return null;
  try {
    const bits = BitReader.ofNal(nal.subarray(codec === 'h264' ? 1 : 2, MAX_SPS_BYTES));
    const facts = codec === 'h264' ? h264Facts(bits) : hevcFacts(bits);
    return isSane(facts.widthPx) && isSane(facts.heightPx) && facts.bitDepth <= MAX_BIT_DEPTH ? facts : null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

function isSane(sidePx: number): boolean {
  return sidePx > 0 && sidePx <= MAX_SIDE_PX;
}

function chromaIdc(code: number): ChromaFormatIdc {
  if (code > 3) throw new RangeError('chroma_format_idc');
  return code as ChromaFormatIdc;
}

function h264Facts(bits: BitReader): SequenceFacts {
  const profile = bits.bits(8);
  bits.skip(16); // constraint flags, level
  bits.unsigned(); // seq_parameter_set_id
  let chromaFormatIdc: ChromaFormatIdc = 1;
  let cropFormat: ChromaFormatIdc = 1;
  let bitDepth = 8;
  if (H264_PROFILES_WITH_CHROMA.has(profile)) {
    chromaFormatIdc = cropFormat = chromaIdc(bits.unsigned());
    if (chromaFormatIdc === 3 && bits.bit() === 1) cropFormat = 0; // separate planes crop like monochrome
    bitDepth = 8 + Math.max(bits.unsigned(), bits.unsigned());
    bits.bit(); // qpprime_y_zero_transform_bypass
    if (bits.bit() === 1) skipScalingLists(bits, chromaFormatIdc === 3 ? 12 : 8);
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
  const cropUnitX = cropFormat === 1 || cropFormat === 2 ? 2 : 1;
  const cropUnitY = (cropFormat === 1 ? 2 : 1) * (2 - frameMbsOnly);
  return {
    widthPx: widthMbs * 16 - crop.x * cropUnitX,
    heightPx: (2 - frameMbsOnly) * heightMapUnits * 16 - crop.y * cropUnitY,
    chromaFormatIdc,
    bitDepth,
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

function hevcFacts(bits: BitReader): SequenceFacts {
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.bit(); // temporal_id_nesting
  bits.skip(96); // general profile, tier, constraints and level
  const present: { profile: number; level: number }[] = [];
  for (let i = 0; i < subLayers; i++) present.push({ profile: bits.bit(), level: bits.bit() });
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const layer of present) bits.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0));
  bits.unsigned(); // sps_seq_parameter_set_id
  const chromaFormatIdc = chromaIdc(bits.unsigned());
  const separatePlanes = chromaFormatIdc === 3 ? bits.bit() : 0;
  const widthPx = bits.unsigned();
  const heightPx = bits.unsigned();
  const crop = readCrop(bits);
  const bitDepth = 8 + Math.max(bits.unsigned(), bits.unsigned());
  const subsampled = separatePlanes === 0;
  return {
    widthPx: widthPx - crop.x * (subsampled && (chromaFormatIdc === 1 || chromaFormatIdc === 2) ? 2 : 1),
    heightPx: heightPx - crop.y * (subsampled && chromaFormatIdc === 1 ? 2 : 1),
    chromaFormatIdc,
    bitDepth,
  };
}

/** Cropping or conformance window: flag, then left, right, top, bottom. */
function readCrop(bits: BitReader): { x: number; y: number } {
  if (bits.bit() === 0) return { x: 0, y: 0 };
  const left = bits.unsigned();
  const right = bits.unsigned();
  return { x: left + right, y: bits.unsigned() + bits.unsigned() };
}
