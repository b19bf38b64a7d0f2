/** What codecs say of themselves in their configurations and at the head of their frames: no native code, safe on any bytes. */
export { AAC_SAMPLE_RATES_HZ, parseAacConfiguration, type AacFormat, type AdtsParameters } from './aac-configuration.js';
export { ADTS_HEADER_BYTES, adtsConfiguration, adtsHeaderBytes, MAX_ADTS_FRAME_BYTES, writeAdtsHeader } from './adts-header.js';
export { av1Size, obus, sequenceHeaderOf } from './av1-sequence.js';
export { H264_PROFILES } from './h264-profiles.js';
export type { AudioFormat, ChromaFormat, NalConfiguration, PictureFormat, VideoFormat } from './media-format.js';
export { mp3HeaderAt, type Mp3Header } from './mp3-header.js';
export { opusPacketSamples, parseOpusConfiguration, type OpusFormat } from './opus-configuration.js';
export { nalType } from './nal.js';
export { recoveryFrames, recoveryFramesOf } from './recovery-point.js';
export type { NalCodec } from './video-codec.js';
export { videoFormatOf } from './video-format.js';
export { vp9KeyframeSize, vpcRecord } from './vp9-configuration.js';
