import type { AnalysisJob, AnalysisOutcome, ReferenceSet } from '../plugin-api/index.js';

/** Messages between a worker and its analysis hosts, over the child process's IPC channel, which the role's own
 * messages share: others are ignored. */
export type ToHost =
  /** `root`: the folder below which the segment's file stands at its path. */
  | { readonly type: 'job'; readonly id: number; readonly job: AnalysisJob; readonly root: string }
  | { readonly type: 'discard'; readonly job: AnalysisJob }
  | { readonly type: 'references'; readonly set: ReferenceSet }
  | { readonly type: 'references.failed'; readonly kind: string; readonly why: string }
  | { readonly type: 'stop' };

export type FromHost =
  | { readonly type: 'host.ready' }
  | { readonly type: 'references.wanted'; readonly kind: string; readonly revision: number }
  | { readonly type: 'job.done'; readonly id: number; readonly outcome: AnalysisOutcome; readonly rssBytes: number }
  | {
      readonly type: 'job.failed';
      readonly id: number;
      readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean };
      readonly rssBytes: number;
    };
