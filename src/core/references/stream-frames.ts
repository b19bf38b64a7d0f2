import { Inject, Injectable } from '@nestjs/common';
import { readSegment } from '../media/store/read-segment.js';
import { brandError } from '../errors/brand.errors.js';
import { pathBefore } from '../media/segment-name.js';
import { SegmentFiles, type StoredSegment } from '../media/store/segment-files.js';
import { FrameSegments } from '../persistence/references/frame-segments.js';
import type { Box01 } from '../plugin-api/index.js';
import { PictureReader } from './picture-reader.js';
import type { FrameLook, FramePlace, ReadFrame, ReadImage } from './reader/reader-protocol.js';

/** A person waits for the picture. */
const OBTAIN_TIMEOUT_MS = 15_000;

/** A moment of a stream, in its epoch's own media time. */
export interface StreamMoment {
  readonly streamId: string;
  readonly epochId: string;
  readonly ptsUs: number;
}

/** Single frames out of recorded media, whichever machine has it. */
@Injectable()
export class StreamFrames {
  constructor(
    private readonly segments: FrameSegments,
    private readonly reader: PictureReader,
    @Inject(SegmentFiles) private readonly files: Pick<SegmentFiles, 'obtain'>,
  ) {}

  /**
   * The frame on show at that moment. @throws VD_FRAME_NOT_FOUND, VD_FRAME_GONE, VD_FRAME_UNREADABLE, VD_PICTURE_BUSY,
   * VD_MEDIA_NO_URL, VD_MEDIA_FETCH_FAILED
   */
  async picture(moment: StreamMoment, look: FrameLook = {}): Promise<ReadFrame> {
    return this.withBefore((place) => this.reader.frame(() => place(moment), look));
  }

  /** A part of it as reference image. @throws the same, VD_FRAME_BOX_INVALID and VD_BRAND_IMAGE_* */
  async reference(moment: StreamMoment, box: Box01): Promise<ReadImage> {
    const fits =
      box.width > 0 && box.height > 0 && box.x >= 0 && box.y >= 0 && box.x + box.width <= 1 + 1e-9 && box.y + box.height <= 1 + 1e-9;
    if (!fits) throw brandError('VD_FRAME_BOX_INVALID', `The box ${JSON.stringify(box)} does not lie within the frame.`);
    return this.withBefore((place) => this.reader.frameReference(() => place(moment), box));
  }

  /** Few pictures need the segment before theirs: it is read for those that cannot be decoded without. */
  private async withBefore<T>(read: (place: (moment: StreamMoment) => Promise<FramePlace>) => Promise<T>): Promise<T> {
    try {
      return await read((moment) => this.place(moment, false));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'VD_FRAME_UNREADABLE') throw error;
      return read((moment) => this.place(moment, true));
    }
  }

  private async place({ streamId, epochId, ptsUs }: StreamMoment, isWithBefore: boolean): Promise<FramePlace> {
    const segment = await this.segments.lastBegunBy(streamId, epochId, ptsUs);
    if (segment === null) throw brandError('VD_FRAME_NOT_FOUND', `Epoch ${epochId} of this stream has no media at or before ${ptsUs} us.`);
    if (ptsUs >= segment.ptsEndUs) {
      throw brandError(
        'VD_FRAME_NOT_FOUND',
        `${ptsUs} us lies in a gap, or after the end: the segment before it ends at ${segment.ptsEndUs} us.`,
      );
    }
    if (segment.state === 'deleted') throw brandError('VD_FRAME_GONE', `The segment that held ${ptsUs} us was deleted.`);
    if (segment.state === 'lost') throw brandError('VD_FRAME_GONE', `The segment that held ${ptsUs} us is lost.`);
    if (segment.state === 'unreadable') throw brandError('VD_FRAME_UNREADABLE', `The segment that holds ${ptsUs} us is damaged.`);
    return { ...(await this.bytes(segment, isWithBefore)), ptsStartUs: segment.ptsStartUs, ptsUs };
  }

  private async bytes(segment: StoredSegment, isWithBefore: boolean): Promise<Pick<FramePlace, 'segment' | 'before'>> {
    try {
      const held = await this.files.obtain(segment, AbortSignal.timeout(OBTAIN_TIMEOUT_MS), !isWithBefore);
      try {
        const bytes = await readSegment(held.root, segment.path);
        const earlier = isWithBefore ? pathBefore(segment.path) : null;
        // Without it the picture is refused as it was.
        const before = earlier === null ? undefined : await readSegment(held.root, earlier).catch(() => undefined);
        return before === undefined ? { segment: bytes } : { segment: bytes, before };
      } finally {
        held.release();
      }
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
      const isGone = cause?.code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'VD_MEDIA_SEGMENT_GONE';
      if (isGone) throw brandError('VD_FRAME_GONE', `The file ${segment.path} no longer exists.`, { cause: error });
      throw error;
    }
  }
}
