import type { EncodedFrame, PtsUs } from '../../../plugin-api/index.js';

/** A part ends before the first picture from here on: 8 pictures of 25 a second, 9 of 30, 18 of 60. */
const PART_US = 298_000;
/** Media whose parts would be longer, as of cameras with a picture a second, has none. */
const LONGEST_PART_US = 1_000_000;
const SHORTEST_PART_US = 1_000;

/** What is known of a part when it ends. */
export interface CutPart {
  readonly durationUs: number;
  readonly isIndependent: boolean;
  /** It ends its segment. */
  readonly isLast: boolean;
}

/**
 * Says where the parts of a segment end, in the time in which pictures are decoded (sound, where there are none): before a picture whose
 * time is known, so that parts meet without a seam.
 */
export class PartCutter {
  private readonly timed: EncodedFrame['track'];
  private isOn = false;
  private isFirst = true;
  private isIndependent = false;
  /** Of the open part; undefined while it has nothing. */
  private startUs: PtsUs | undefined;
  private latestUs: PtsUs = 0;
  private stepUs = SHORTEST_PART_US;
  /** How much later the segment's first picture is shown than decoded: the next one's is not known yet when it ends. */
  private shownLaterUs = 0;

  constructor(hasPictures: boolean) {
    this.timed = hasPictures ? 'video' : 'audio';
  }

  /** A segment begins. @param isOn whether somebody wants its parts */
  begin(isOn: boolean): void {
    this.isOn = isOn;
    this.isFirst = true;
    this.startUs = undefined;
  }

  /** @returns the part that ends before this frame, if one does */
  before({ track, dtsUs }: EncodedFrame): CutPart | undefined {
    if (!this.isOn || track !== this.timed || this.startUs === undefined || dtsUs - this.startUs < PART_US) return undefined;
    return this.cut(dtsUs, false);
  }

  /** @param isWhole it is a keyframe that a decoder shows whole at once */
  add({ track, ptsUs, dtsUs }: EncodedFrame, isWhole: boolean): void {
    if (!this.isOn || track !== this.timed) return;
    if (this.startUs === undefined) {
      // What stands at a segment's beginning only (tables, parameter sets) is needed before the first picture.
      this.isIndependent = this.isFirst && (isWhole || track === 'audio');
      if (this.isFirst) this.shownLaterUs = ptsUs - dtsUs;
      this.startUs = dtsUs;
    } else this.stepUs = dtsUs - this.latestUs;
    this.latestUs = dtsUs;
  }

  /** The segment ends. @param nextUs when the next one's first picture is shown, if there is one */
  end(nextUs: PtsUs | undefined): CutPart | undefined {
    if (!this.isOn || this.startUs === undefined) return undefined;
    return this.cut(nextUs === undefined ? this.latestUs + this.stepUs : nextUs - this.shownLaterUs, true);
  }

  private cut(endUs: PtsUs, isLast: boolean): CutPart | undefined {
    const durationUs = Math.max(endUs - this.startUs!, SHORTEST_PART_US);
    const { isIndependent } = this;
    this.isFirst = false;
    this.startUs = undefined;
    this.isOn &&= durationUs <= LONGEST_PART_US;
    return this.isOn ? { durationUs, isIndependent, isLast } : undefined;
  }
}
