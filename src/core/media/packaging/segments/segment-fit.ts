import type { SegmentFacts } from '../../../decode/segment/index.js';
import type { PtsUs, SegmentAnswer } from '../../../plugin-api/index.js';

/** How far the clock may go back between two segments: leading pictures of an open GOP, and rounding. */
const BACK_US = 1_000_000;
/** How far it may go ahead where nothing is known to be missing. */
const AHEAD_US = 10_000_000;

export type Elsewhere = Extract<SegmentAnswer, { kind: 'elsewhere' }>['why'];

/** Whether segments continue each other: see EpochOpening, an epoch has one configuration and one clock. */
export class SegmentFit {
  private format: Pick<SegmentFacts, 'videoCodec' | 'audioCodec' | 'widthPx' | 'heightPx'> | undefined;
  private last: SegmentFacts | undefined;
  private longestUs = 0;

  /** A time of the epoch close by; undefined before its first segment that can be read. */
  get nearUs(): PtsUs | undefined {
    return this.last?.ptsEndUs;
  }

  /**
   * @param missing segments that lie between it and the one before
   * @returns why it does not belong here, or undefined
   */
  judge(facts: SegmentFacts, missing: number): Elsewhere | undefined {
    const { format, last } = this;
    if (format === undefined || last === undefined) return undefined;
    const isOther = (['videoCodec', 'audioCodec', 'widthPx', 'heightPx'] as const).some(
      // What one segment says nothing of, such as sound that stopped, makes no other format.
      (key) => format[key] !== null && facts[key] !== null && format[key] !== facts[key],
    );
    if (isOther) return 'format-changed';
    const aheadUs = facts.ptsStartUs - last.ptsEndUs;
    const isBack = aheadUs < -BACK_US || facts.ptsStartUs <= last.ptsStartUs;
    return isBack || aheadUs > AHEAD_US + missing * 2 * this.longestUs ? 'clock-jump' : undefined;
  }

  add(facts: SegmentFacts): void {
    const { videoCodec, audioCodec, widthPx, heightPx } = facts;
    this.format = {
      videoCodec: this.format?.videoCodec ?? videoCodec,
      audioCodec: this.format?.audioCodec ?? audioCodec,
      widthPx: this.format?.widthPx ?? widthPx,
      heightPx: this.format?.heightPx ?? heightPx,
    };
    this.longestUs = Math.max(this.longestUs, facts.ptsEndUs - facts.ptsStartUs);
    this.last = facts;
  }
}
