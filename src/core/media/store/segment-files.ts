import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnalysisJob } from '../../plugin-api/index.js';

export type StoredSegment = Pick<AnalysisJob['segment'], 'path' | 'nodeId' | 'url' | 'urlBefore' | 'sizeBytes'>;

/** A segment as a file of this machine, for as long as it is needed. */
export interface HeldSegment {
  /** Folder below which it stands at the segment's `path`. */
  readonly root: string;
  /** From now on the file may go. */
  release(): void;
}

/** Brings segments to this machine, wherever they were written. An abstract class so that it is its own Nest token. */
export abstract class SegmentFiles {
  /** Whether the segment is known to be gone for good. Costs no network: what stands elsewhere is not known to be. */
  abstract isGone(segment: StoredSegment): Promise<boolean>;
  /**
   * The segment as a local file.
   * @throws VD_MEDIA_SEGMENT_GONE, VD_MEDIA_FETCH_FAILED
   */
  abstract obtain(segment: StoredSegment, signal: AbortSignal): Promise<HeldSegment>;
}

/** Segments of the media folder of this machine, and no others. */
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
