import type { FrameLoss, FrameLossReason, PushedTrackKind } from '../encoded-frame.js';
import type { PtsUs } from '../time.js';

/** So long losses of one reason are added up before they are told. */
const TELL_AFTER_MS = 1000;

interface Sum {
  readonly sinceMs: number;
  videoFrames: number;
  audioFrames: number;
  fromPtsUs: PtsUs | undefined;
  toPtsUs: PtsUs | undefined;
}

/** Adds up frames that go nowhere, so that a thousand of them are a few gaps. */
export class LossTally {
  private readonly sums = new Map<FrameLossReason, Sum>();

  constructor(
    private readonly tell: (loss: FrameLoss) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @param ptsUs where it would have been, if its clock says that */
  add(reason: FrameLossReason, track: PushedTrackKind, ptsUs?: PtsUs): void {
    let sum = this.sums.get(reason);
    if (sum === undefined) {
      sum = { sinceMs: this.nowMs(), videoFrames: 0, audioFrames: 0, fromPtsUs: undefined, toPtsUs: undefined };
      this.sums.set(reason, sum);
    }
    if (track === 'video') sum.videoFrames += 1;
    else sum.audioFrames += 1;
    if (ptsUs === undefined) return;
    sum.fromPtsUs = Math.min(sum.fromPtsUs ?? ptsUs, ptsUs);
    sum.toPtsUs = Math.max(sum.toPtsUs ?? ptsUs, ptsUs);
  }

  /** Tells of what has been added up for long enough. */
  tellDue(): void {
    if (this.sums.size === 0) return;
    const untilMs = this.nowMs() - TELL_AFTER_MS;
    for (const [reason, sum] of this.sums) if (sum.sinceMs <= untilMs) this.tellOf(reason, sum);
  }

  tellAll(): void {
    for (const [reason, sum] of this.sums) this.tellOf(reason, sum);
  }

  private tellOf(reason: FrameLossReason, { videoFrames, audioFrames, fromPtsUs, toPtsUs }: Sum): void {
    this.sums.delete(reason);
    const where = fromPtsUs === undefined || toPtsUs === undefined ? {} : { fromPtsUs, toPtsUs };
    this.tell({ reason, videoFrames, audioFrames, ...where });
  }
}
