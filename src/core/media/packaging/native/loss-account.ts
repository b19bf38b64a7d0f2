import type { EncodedFrame, FrameLoss, FrameLossReason, PtsUs } from '../../../plugin-api/index.js';
import type { PackagedLoss } from '../packager.js';

/** What was lost for one reason after one segment. */
interface Sum {
  readonly reason: FrameLossReason;
  readonly afterSequence: number;
  videoFrames: number;
  audioFrames: number;
  fromPtsUs: PtsUs | undefined;
  toPtsUs: PtsUs | undefined;
  isTold: boolean;
}

/** Adds up the frames that are in no segment, by reason and by the segment after which they were lost. */
export class LossAccount {
  private sums: Sum[] = [];
  private readonly totals: Partial<Record<FrameLossReason, number>> = {};
  videoFrames = 0;
  audioFrames = 0;

  constructor(private readonly tell: (loss: PackagedLoss) => void) {}

  /** Frames of both tracks, by reason, over the whole epoch. */
  get byReason(): Readonly<Partial<Record<FrameLossReason, number>>> {
    return { ...this.totals };
  }

  frame(afterSequence: number, reason: FrameLossReason, { track, ptsUs }: EncodedFrame): void {
    const isVideo = track === 'video';
    const counts = { videoFrames: isVideo ? 1 : 0, audioFrames: isVideo ? 0 : 1 };
    this.add(afterSequence, { reason, ...counts, fromPtsUs: ptsUs, toPtsUs: ptsUs });
  }

  add(afterSequence: number, { reason, videoFrames, audioFrames, fromPtsUs, toPtsUs }: FrameLoss): void {
    if (videoFrames + audioFrames <= 0) return;
    const sum = this.sumOf(afterSequence, reason);
    sum.videoFrames += videoFrames;
    sum.audioFrames += audioFrames;
    sum.fromPtsUs = least(sum.fromPtsUs, fromPtsUs);
    sum.toPtsUs = greatest(sum.toPtsUs, greatest(toPtsUs, sum.fromPtsUs));
    sum.isTold = false;
    this.videoFrames += videoFrames;
    this.audioFrames += audioFrames;
    this.totals[reason] = (this.totals[reason] ?? 0) + videoFrames + audioFrames;
  }

  /** What could not be written after this segment reaches from its end to where the next one begins. */
  stretch(afterSequence: number, fromPtsUs: PtsUs, toPtsUs: PtsUs): void {
    for (const sum of this.sums) {
      if (sum.afterSequence !== afterSequence || sum.reason !== 'packager-failed') continue;
      sum.fromPtsUs = least(sum.fromPtsUs, fromPtsUs);
      sum.toPtsUs = greatest(sum.toPtsUs, toPtsUs);
      sum.isTold = false;
    }
  }

  /** Tells of what has changed since it was told of. */
  flush(currentSequence: number): void {
    for (const sum of this.sums) {
      if (sum.isTold) continue;
      sum.isTold = true;
      const { reason, afterSequence, videoFrames, audioFrames, fromPtsUs, toPtsUs } = sum;
      this.tell({
        ...{ reason, afterSequence, videoFrames, audioFrames },
        ...(fromPtsUs === undefined ? {} : { fromPtsUs }),
        ...(toPtsUs === undefined ? {} : { toPtsUs }),
      });
    }
    this.sums = this.sums.filter(({ afterSequence }) => afterSequence >= currentSequence);
  }

  private sumOf(afterSequence: number, reason: FrameLossReason): Sum {
    const known = this.sums.find((sum) => sum.afterSequence === afterSequence && sum.reason === reason);
    if (known !== undefined) return known;
    const sum: Sum = {
      ...{ reason, afterSequence, videoFrames: 0, audioFrames: 0 },
      ...{ fromPtsUs: undefined, toPtsUs: undefined, isTold: true },
    };
    this.sums.push(sum);
    return sum;
  }
}

const least = (a: PtsUs | undefined, b: PtsUs | undefined): PtsUs | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const greatest = (a: PtsUs | undefined, b: PtsUs | undefined): PtsUs | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
