import { BitReader } from './bit-reader.js';
import { CHROMA_FORMATS, type ChromaFormat, type PictureFormat } from './media-format.js';
import { nalType, nalUnits } from './nal.js';
import type { NalCodec } from './video-codec.js';

/** Size of the decoded picture after cropping, in coded pixels: the sample aspect ratio is not applied. */
export interface VideoSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a sequence parameter set says of its pictures. */
export interface SequenceFacts extends VideoSize, PictureFormat {}

/** Clocks that tick in milliseconds say 1000, which is no frame rate. */
const MAX_FRAME_RATE_FPS = 240;
const EXTENDED_ASPECT = 255;
const H264_SPS = 7;
const HEVC_SPS = 33;
const MAX_SIDE_PX = 16_384;
const MAX_BIT_DEPTH = 16;
/** A sequence parameter set is a few dozen bytes; a longer one is not read further. */
const MAX_SPS_BYTES = 4096;
const H264_PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * Reads the sequence parameter set in an access unit (keyframes carry one in MPEG-TS).
 * @returns null when there is none, or none that makes sense
 */
export function sequenceIn(codec: NalCodec, annexB: Buffer): SequenceFacts | null {
  for (const nal of nalUnits(annexB)) {
    const facts = parseSequence(codec, nal);
    if (facts !== null) return facts;
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

function chromaOf(chromaFormatIdc: number): ChromaFormat {
  const chroma = CHROMA_FORMATS[chromaFormatIdc];
  if (chroma === undefined) throw new RangeError('chroma_format_idc');
  return chroma;
}

function h264Facts(bits: BitReader): SequenceFacts {
  const profileIdc = bits.bits(8);
  bits.skip(16); // constraint flags, level
  bits.unsigned(); // seq_parameter_set_id
  let chromaFormatIdc = 1;
  let cropFormat = 1;
  let bitDepth = 8;
  if (H264_PROFILES_WITH_CHROMA.has(profileIdc)) {
    chromaFormatIdc = cropFormat = bits.unsigned();
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
    profileIdc,
    chroma: chromaOf(chromaFormatIdc),
    bitDepth,
    frameRateFps: h264FrameRate(bits),
  };
}

/** What stands last in the parameter set; one that is cut off there says nothing of it, and its size is known all the same. */
function h264FrameRate(bits: BitReader): number | null {
  try {
    if (bits.bit() === 0) return null; // vui_parameters_present
    if (bits.bit() === 1 && bits.bits(8) === EXTENDED_ASPECT) bits.skip(32);
    if (bits.bit() === 1) bits.bit(); // overscan
    if (bits.bit() === 1) {
      bits.skip(4); // video_format, full range
      if (bits.bit() === 1) bits.skip(24); // colour primaries, transfer, matrix
    }
    if (bits.bit() === 1) {
      bits.unsigned(); // chroma sample location, both fields
      bits.unsigned();
    }
    if (bits.bit() === 0) return null; // timing_info_present
    const tickUnits = bits.bits(32);
    const timeScale = bits.bits(32);
    const fps = timeScale / (2 * tickUnits);
    return fps >= 1 && fps <= MAX_FRAME_RATE_FPS ? fps : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
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
  bits.skip(3); // general profile space and tier
  const profileIdc = bits.bits(5);
  bits.skip(88); // profile compatibility, constraints and level
  const present: { profile: number; level: number }[] = [];
  for (let i = 0; i < subLayers; i++) present.push({ profile: bits.bit(), level: bits.bit() });
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const layer of present) bits.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0));
  bits.unsigned(); // sps_seq_parameter_set_id
  const chromaFormatIdc = bits.unsigned();
  const separatePlanes = chromaFormatIdc === 3 ? bits.bit() : 0;
  const widthPx = bits.unsigned();
  const heightPx = bits.unsigned();
  const crop = readCrop(bits);
  const bitDepth = 8 + Math.max(bits.unsigned(), bits.unsigned());
  const subsampled = separatePlanes === 0;
  return {
    widthPx: widthPx - crop.x * (subsampled && (chromaFormatIdc === 1 || chromaFormatIdc === 2) ? 2 : 1),
    heightPx: heightPx - crop.y * (subsampled && chromaFormatIdc === 1 ? 2 : 1),
    profileIdc,
    chroma: chromaOf(chromaFormatIdc),
    bitDepth,
    frameRateFps: null,
  };
}

/** Cropping or conformance window: flag, then left, right, top, bottom. */
function readCrop(bits: BitReader): { x: number; y: number } {
  if (bits.bit() === 0) return { x: 0, y: 0 };
  const left = bits.unsigned();
  const right = bits.unsigned();
  return { x: left + right, y: bits.unsigned() + bits.unsigned() };
}
