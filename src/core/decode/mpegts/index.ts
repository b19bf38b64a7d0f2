/** Our own reader of MPEG-TS segments: no native code, safe on any bytes. */
export { AccessUnit } from './access-unit.js';
export { demuxSegment } from './demux.js';
export { fillerBytes, isReference, nalType, nalUnits } from '../codec/nal.js';
export { probeSegment, type SegmentFacts } from './probe.js';
export type { AudioCodec, DemuxedSegment, SegmentVideo, VideoCodec } from './transport-segment.js';
export { parseVideoSize, type VideoSize } from '../codec/sps.js';
export { unwrapTicks } from './ticks.js';
