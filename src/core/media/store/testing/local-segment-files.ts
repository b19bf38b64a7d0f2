import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type HeldSegment, SegmentFiles, type StoredSegment } from '../segment-files.js';

/** Segments of one media folder, and no others: for tests that have nothing to fetch. */
export class LocalSegmentFiles extends SegmentFiles {
  constructor(private readonly mediaDir: string) {
    super();
  }

  override isGone({ path }: StoredSegment): Promise<boolean> {
    return access(join(this.mediaDir, ...path.split('/'))).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    );
  }

  override obtain(): Promise<HeldSegment> {
    return Promise.resolve({ root: this.mediaDir, release: () => undefined });
  }
}
