import { mediaError } from '../../errors/media.errors.js';
import type { EpochGap, EpochMedia, ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import type { PackagedLoss, PackagedSegment } from '../packaging/packager.js';

/** Segments that go into the ledger at once, and the media of the first. */
export interface PackagedBatch {
  readonly segments: readonly ProbedSegment[];
  readonly media: EpochMedia;
}

/** What a packager told of an epoch and the ledger does not know yet, in order. */
export class PackagedSegments {
  private readonly segments: PackagedSegment[] = [];
  /** The latest sum of each reason after each segment. */
  private readonly losses = new Map<string, PackagedLoss>();

  constructor(private readonly folder: string) {}

  get hasLosses(): boolean {
    return this.losses.size > 0;
  }

  segment(segment: PackagedSegment): void {
    this.segments.push(segment);
  }

  loss(loss: PackagedLoss): void {
    this.losses.set(keyOf(loss), loss);
  }

  /** @returns undefined when there are none */
  next(most: number): PackagedBatch | undefined {
    const [first] = this.segments;
    if (first === undefined) return undefined;
    const segments = this.segments.slice(0, most).map((segment) => rowOf(this.folder, segment));
    return { segments, media: { ...first.media, ptsOriginUs: first.ptsStartUs } };
  }

  /** The ledger has so many more. */
  registered(count: number): void {
    this.segments.splice(0, count);
  }

  gaps(epochId: string): { readonly gap: EpochGap; readonly recorded: () => void }[] {
    return [...this.losses].map(([key, loss]) => ({
      gap: gapOf(epochId, loss),
      recorded: () => {
        if (this.losses.get(key) === loss) this.losses.delete(key);
      },
    }));
  }
}

const keyOf = ({ afterSequence, reason }: PackagedLoss): string => `${afterSequence} ${reason}`;

function gapOf(epochId: string, { afterSequence, reason, videoFrames, audioFrames, fromPtsUs, toPtsUs }: PackagedLoss): EpochGap {
  return {
    ...{ epochId, afterSequence, missingSequences: 0, reason, videoFrames, audioFrames },
    ...{ fromPtsUs: fromPtsUs ?? null, toPtsUs: toPtsUs ?? null },
  };
}

function rowOf(folder: string, segment: PackagedSegment): ProbedSegment {
  const { sequence, fileName, sizeBytes, ptsStartUs, ptsEndUs, frameCount, audioFrameCount, keyframePtsUs, missingFrames, checksum } =
    segment;
  return {
    ...{ sequence, path: `${folder}/${fileName}`, sizeBytes, state: 'ready', ptsStartUs, ptsEndUs, frameCount, keyframePtsUs },
    ...{ audioFrameCount, hasSound: audioFrameCount > 0, ...(checksum !== undefined && { checksum }) },
    ...(missingFrames > 0 && { error: missing(missingFrames) }),
  };
}

function missing(frames: number): string {
  const { code, message } = mediaError('VD_MEDIA_DAMAGED', `${frames} of its pictures came damaged and are left out`);
  return `${code}: ${message}`;
}
