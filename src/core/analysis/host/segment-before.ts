import { demuxSegment, type DemuxedSegment } from '../../decode/segment/index.js';
import { pathBefore } from '../../media/segment-name.js';
import { readSegment } from '../../media/store/read-segment.js';

/** The segment before a job's, read when it is first asked for: what sound goes on from, and pictures build on. */
export class SegmentBefore {
  private reading: Promise<DemuxedSegment | undefined> | undefined;

  /**
   * @param path of the job's segment
   * @param root folder below which the segments' files stand
   */
  constructor(
    private readonly path: string,
    private readonly root: string,
  ) {}

  /** @returns undefined at the beginning of an epoch, and where the segment before is gone or cannot be read */
  read(): Promise<DemuxedSegment | undefined> {
    return (this.reading ??= this.demux());
  }

  private async demux(): Promise<DemuxedSegment | undefined> {
    const path = pathBefore(this.path);
    if (path === null) return undefined;
    try {
      return demuxSegment(await readSegment(this.root, path));
    } catch {
      // Retention was faster, or it is damaged: the run of that segment has said so, or will.
      return undefined;
    }
  }
}
