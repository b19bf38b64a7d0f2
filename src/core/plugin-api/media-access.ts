import type { AnalysisJob } from './execution-strategy.js';
import type { PtsUs } from './time.js';

/** Addresses under which other machines fetch segments. */
export interface SegmentUrls {
  /**
   * A short-lived address of one segment, good for reading it and nothing else.
   * @throws VD_MEDIA_NO_URL when no address is known under which this installation's media can be reached
   */
  sign(segment: Pick<AnalysisJob['segment'], 'path' | 'nodeId'>): Promise<string>;
}
export const SEGMENT_URLS = Symbol.for('vedette.segment-urls');

/** Which pictures of a segment are wanted, and how large. */
export interface PictureRequest {
  /** Pictures per second of media; each is the frame on show at that moment. */
  readonly fps: number;
  /** At most so many of one segment, evenly spread. */
  readonly maxPictures: number;
  /** Longer side at most; never enlarged. */
  readonly maxSidePx: number;
  /** JPEG quality, 1..100. It is lowered, then the size, until `maxBytes` holds. */
  readonly quality: number;
  readonly maxBytes: number;
}

/** One frame as a JPEG. Boxes found in it are of the whole displayed frame: it is neither cropped nor letterboxed. */
export interface SampledPicture {
  readonly ptsUs: PtsUs;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly jpeg: Uint8Array;
}

export interface SampledPictures {
  readonly pictures: readonly SampledPicture[];
  /** How many there should be, damage aside. */
  readonly expected: number;
  readonly cpuMs: number;
}

/** Decodes single pictures of a segment, in the analysis hosts, for strategies that send pictures away. */
export interface PictureSampler {
  /** @throws coded errors: VD_MEDIA_* for a segment that cannot be read, VD_ANALYSIS_* */
  sample(job: AnalysisJob, request: PictureRequest, signal: AbortSignal): Promise<SampledPictures>;
}
export const PICTURE_SAMPLER = Symbol.for('vedette.picture-sampler');
