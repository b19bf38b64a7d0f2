import type { Candidate } from './segment-window.js';

/** Tells of files that have not changed for a while, where nobody says when they are complete. */
export class StableFiles {
  private seen: { readonly path: string; readonly sizeBytes: number; readonly mtimeMs: number; readonly sinceMs: number } | undefined;

  /** Whether the file, the only one asked about, has been as it is for so long. */
  has({ path, facts }: Candidate, forMs: number): boolean {
    const nowMs = performance.now();
    const { sizeBytes = 0, mtimeMs = 0 } = facts ?? {};
    const { seen } = this;
    if (seen === undefined || seen.path !== path || seen.sizeBytes !== sizeBytes || seen.mtimeMs !== mtimeMs) {
      this.seen = { path, sizeBytes, mtimeMs, sinceMs: nowMs };
      return false;
    }
    return sizeBytes > 0 && nowMs - seen.sinceMs >= 2 * forMs;
  }
}
