import type { AnalysisJob } from './execution-strategy.js';
import type { PtsUs } from './time.js';

/** Addresses under which other machines fetch segments. */
export interface SegmentUrls {
  /**
   * Makes a short-lived address that allows reading one segment and nothing else.
   * @throws VD_MEDIA_NO_URL if this installation has no address at which other machines reach its media
   */
  sign(segment: Pick<AnalysisJob['segment'], 'path' | 'nodeId'>): Promise<string>;
}
export const SEGMENT_URLS = Symbol.for('vedette.segment-urls');

/** Which pictures of a segment are wanted, and how large. */
export interface PictureRequest {
  /** Pictures per second of media; each is the frame that is displayed at that moment. */
  readonly fps: number;
  /** Most pictures of one segment; they are evenly spread. */
  readonly maxPictures: number;
  /** Longest side of a picture; pictures are never enlarged. */
  readonly maxSidePx: number;
  /** JPEG quality, 1..100. If a picture exceeds `maxBytes`, core lowers the quality first, then the size. */
  readonly quality: number;
  readonly maxBytes: number;
}

/** One frame as a JPEG. Boxes found in it relate to the whole displayed frame: the JPEG is neither cropped nor letterboxed. */
export interface SampledPicture {
  readonly ptsUs: PtsUs;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly jpeg: Uint8Array;
}

export interface SampledPictures {
  readonly pictures: readonly SampledPicture[];
  /** How many pictures there would be without damage. */
  readonly expected: number;
  readonly cpuMs: number;
}

/** Decodes single pictures of a segment, in the analysis hosts, for strategies that send pictures to other machines. */
export interface PictureSampler {
  /** @throws coded errors: VD_MEDIA_* for a segment that cannot be read, VD_ANALYSIS_* */
  sample(job: AnalysisJob, request: PictureRequest, signal: AbortSignal): Promise<SampledPictures>;
}
export const PICTURE_SAMPLER = Symbol.for('vedette.picture-sampler');
