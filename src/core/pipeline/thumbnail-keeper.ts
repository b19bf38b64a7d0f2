import { Injectable } from '@nestjs/common';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import type { ClaimedSegment } from '../persistence/ledger/run-ledger.js';
import { ThumbnailStore } from '../persistence/thumbnails/thumbnail-store.js';
import { THUMBNAIL_LIMITS } from '../plugin-api/index.js';
import { slotTimesUs } from '../persistence/thumbnails/thumbnail-slots.js';
import type { ExecutedJob } from './segment-processor.js';

/** Keeps the small pictures that were made of a segment. Nothing waits for it or fails by it: what is missing is made when asked for. */
@Injectable()
export class ThumbnailKeeper {
  constructor(
    private readonly store: ThumbnailStore,
    private readonly warnings: ThrottledWarnings,
  ) {}

  keep(work: Pick<ClaimedSegment, 'segmentId' | 'segment' | 'epoch'>, executed: readonly Pick<ExecutedJob, 'outcome'>[]): void {
    const made = executed.flatMap(({ outcome }) => outcome?.thumbnails ?? []);
    if (made.length === 0) return;
    const asked = new Set(slotTimesUs(work, THUMBNAIL_LIMITS.perJob));
    const { ptsStartUs, ptsEndUs } = work.segment;
    // A machine elsewhere may say what it likes: only moments of this segment that were asked for count.
    const sound = made.filter(({ askedPtsUs, ptsUs }) => asked.has(askedPtsUs) && ptsUs >= ptsStartUs && ptsUs <= ptsEndUs);
    void this.store.keep(work, sound).catch((error: unknown) => this.warnings.warn('Keeping thumbnails', error));
  }
}
