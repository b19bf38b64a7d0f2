/** Our own reader of segments: no native code, safe on any bytes. */
export { AccessUnit } from './demuxed-unit.js';
export { demuxSegment, isFragmented } from './demux-segment.js';
export type { AudioCodec, DemuxedSegment, SegmentVideo, VideoCodec } from './demuxed-segment.js';
export { fillerBytes, isReference, nalType, nalUnits } from '../codec/nal.js';
export { frameStep } from './frame-step.js';
export { probeSegment, type SegmentFacts } from './probe.js';
export { unwrapTicks } from './ticks.js';
export { videoSizeIn } from './video-size-in.js';
