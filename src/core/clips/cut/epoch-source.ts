import { demuxSegment, unwrapTicks, type DemuxedSegment } from '../../decode/segment/index.js';
import { containerOf } from '../../media/segment-name.js';
import { readSegment } from '../../media/store/read-segment.js';
import type { SegmentFiles } from '../../media/store/segment-files.js';
import type { ClipEpoch, ClipSegment } from '../../persistence/clips/clip-media.js';
import { ptsUsToTicks } from '../../plugin-api/index.js';

/** A coded picture, on a clock that does not wrap. */
export interface Picture {
  readonly ptsTicks: number;
  readonly dtsTicks: number;
  readonly keyframe: boolean;
  readonly broken: boolean;
  /** Annex B, or as its codec has it. */
  readonly data: Buffer;
}

/** What one segment holds. */
export interface SegmentUnits {
  readonly video: { readonly codec: string; readonly units: readonly Picture[] };
  readonly audio: DemuxedSegment['audio'];
  /** Near the segment's times: what raw times of its sound are counted on from. */
  readonly referenceTicks: number;
}

/** One epoch's segments of a clip, wherever they are, read one after the other. */
export class EpochSource {
  readonly sizeBytes: number;

  constructor(
    readonly epoch: ClipEpoch,
    private readonly files: Pick<SegmentFiles, 'obtain'>,
    private readonly signal: AbortSignal,
    /** @param bytes of the epoch's that were read last */
    private readonly hasRead: (bytes: number) => void = () => undefined,
    /** @param segment that is not there any more, whatever the ledger says */
    private readonly isLost: (segment: ClipSegment) => void = () => undefined,
  ) {
    this.sizeBytes = epoch.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get isFragmented(): boolean {
    return containerOf(this.epoch.segments[0]?.path ?? '') === 'fmp4';
  }

  /** The whole of it as one file: MPEG-TS, or fMP4 behind its initialization. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    let isFirst = true;
    for (const segment of this.epoch.segments) {
      const bytes = await this.read(segment);
      this.hasRead(segment.sizeBytes);
      if (bytes === null) continue;
      yield isFirst || !this.isFragmented ? bytes : bytes.subarray(bytes.length - segment.sizeBytes);
      isFirst = false;
    }
  }

  /** Segments taken apart. @param isWanted leaves out those of which nothing is wanted */
  async *units(isWanted: (segment: ClipSegment) => boolean = () => true): AsyncGenerator<SegmentUnits> {
    for (const segment of this.epoch.segments) {
      if (!isWanted(segment)) continue;
      const bytes = await this.read(segment);
      this.hasRead(segment.sizeBytes);
      if (bytes === null) continue;
      const demuxed = demuxSegment(bytes);
      const referenceTicks = ptsUsToTicks(segment.ptsStartUs);
      const { video } = demuxed;
      const units = (video?.units ?? []).map((unit): Picture => {
        const ptsTicks = unwrapTicks(unit.ptsTicks, referenceTicks);
        return {
          ptsTicks,
          dtsTicks: unwrapTicks(unit.dtsTicks, ptsTicks),
          keyframe: unit.keyframe && unit.wholeAfter === 0,
          broken: unit.broken,
          get data() {
            return unit.data;
          },
        };
      });
      yield { video: { codec: video?.codec ?? 'none', units }, audio: demuxed.audio, referenceTicks };
    }
  }

  /** With its initialization before it, where it has one; null where the segment is gone. */
  private async read(segment: ClipSegment): Promise<Buffer | null> {
    this.signal.throwIfAborted();
    try {
      const held = await this.files.obtain(segment, this.signal, true);
      try {
        return await readSegment(held.root, segment.path);
      } finally {
        held.release();
      }
    } catch (error) {
      if (!isGone(error)) throw error;
      this.isLost(segment);
      return null;
    }
  }
}

const isGone = (error: unknown): boolean =>
  (error as { code?: unknown }).code === 'VD_MEDIA_SEGMENT_GONE' ||
  ((error as Error).cause as { code?: unknown } | undefined)?.code === 'ENOENT';
