import type { ClipEpoch, MissingMedia } from '../persistence/clips/clip-media.js';

/** What of a part was encoded anew: nothing; pictures at its ends; all of it. */
export type Encoded = 'nothing' | 'ends' | 'all';

/** What of one epoch a clip has. */
export interface ClipPart {
  readonly epochId: string;
  /** First frame, or where the first segment begins. */
  readonly fromPtsUs: number;
  /** Last frame, or where the last segment ends. */
  readonly toPtsUs: number;
  readonly from: string;
  readonly to: string;
  /** Where it begins in the clip. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly encoded: Encoded;
  /** Why all of it was encoded anew where that was not asked for. */
  readonly encodedWhy?: string;
}

export interface ClipResult {
  readonly parts: readonly ClipPart[];
  readonly missing: readonly (MissingMedia & { readonly epochId: string; readonly from: string; readonly to: string })[];
}

/** The time of a moment of an epoch. */
export function timeAt({ startedAtMs, ptsOriginUs }: Pick<ClipEpoch, 'startedAtMs' | 'ptsOriginUs'>, ptsUs: number): string {
  return new Date(startedAtMs + (ptsUs - ptsOriginUs) / 1_000).toISOString();
}
