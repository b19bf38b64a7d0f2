import type { RoleFailed } from '../runtime/role.js';
import type { AnalysisJob, AnalysisOutcome, PictureRequest, ReferenceSet, SampledPictures } from '../plugin-api/index.js';

/** What a host is asked for: the results of a segment's analyzers, or, where `pictures` is set, single pictures of it. */
export interface HostOrder {
  readonly job: AnalysisJob;
  readonly pictures?: PictureRequest;
}

export type HostAnswer = AnalysisOutcome | SampledPictures;

/** Messages between a worker and its analysis hosts, over the child process's IPC channel, which the role's own
 * messages share: others are ignored. */
export type ToHost =
  /** `root`: the folder below which the segment's file stands at its path. */
  | { readonly type: 'job'; readonly id: number; readonly job: AnalysisJob; readonly root: string }
  | { readonly type: 'pictures'; readonly id: number; readonly job: AnalysisJob; readonly root: string; readonly request: PictureRequest }
  | { readonly type: 'discard'; readonly job: AnalysisJob }
  | { readonly type: 'references'; readonly set: ReferenceSet }
  | { readonly type: 'references.failed'; readonly kind: string; readonly why: string }
  | { readonly type: 'stop' };

export type FromHost =
  /** It cannot start, and ends. */
  | RoleFailed
  | { readonly type: 'host.ready' }
  | { readonly type: 'references.wanted'; readonly kind: string; readonly revision: number }
  | { readonly type: 'job.done'; readonly id: number; readonly outcome: AnalysisOutcome; readonly rssBytes: number }
  | { readonly type: 'pictures.done'; readonly id: number; readonly sampled: SampledPictures; readonly rssBytes: number }
  /** An order of either kind. */
  | {
      readonly type: 'job.failed';
      readonly id: number;
      readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean };
      readonly rssBytes: number;
    };
