/** Codecs whose pictures are made of NAL units. */
export type NalCodec = 'h264' | 'hevc';
