import { HOUR_MS, MINUTE_MS } from '../../plugin-api/index.js';

/** Nest token of {@link ArchiveOptions}. */
export const ARCHIVE_OPTIONS = Symbol('vedette.archive-options');

export interface ArchiveOptions {
  /** How long results stay rows after their run has ended, so that what is told live, and looked at once more, is at hand. */
  readonly resultsStayMs: number;
  /** How long runs do. What is worked out of runs by statements looks no further back: capacity (6 h), strategies, failures. */
  readonly runsStayMs: number;
}

export const ARCHIVE_DEFAULTS: ArchiveOptions = { resultsStayMs: 10 * MINUTE_MS, runsStayMs: 7 * HOUR_MS };
