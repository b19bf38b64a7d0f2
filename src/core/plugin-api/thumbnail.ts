import { z } from 'zod';
import type { PtsUs } from './time.js';

/** A small picture of a stream at a moment, for its timeline. */
export interface Thumbnail {
  /** The moment it was asked for, of `AnalysisJob.thumbnailsAtUs`. */
  readonly askedPtsUs: PtsUs;
  /** The moment it shows: the keyframe nearest to that. */
  readonly ptsUs: PtsUs;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly jpegBase64: string;
}

/** Within these sides every thumbnail fits, and into so many bytes. A job asks for no more of them than that. */
export const THUMBNAIL_LIMITS = { widthPx: 160, heightPx: 90, bytes: 4_096, perJob: 64 } as const;

const ptsUs = z.custom<PtsUs>((value) => Number.isSafeInteger(value));
export const thumbnailSchema = z.object({
  askedPtsUs: ptsUs,
  ptsUs,
  widthPx: z.int().min(1).max(THUMBNAIL_LIMITS.widthPx),
  heightPx: z.int().min(1).max(THUMBNAIL_LIMITS.heightPx),
  jpegBase64: z
    .base64()
    .max(Math.ceil(THUMBNAIL_LIMITS.bytes / 3) * 4)
    .startsWith('/9j/'),
}) satisfies z.ZodType<Thumbnail>;
export const thumbnailsSchema = z.array(thumbnailSchema).max(THUMBNAIL_LIMITS.perJob);
