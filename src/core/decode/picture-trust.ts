import type { AccessUnit, VideoCodec } from './segment/index.js';
import { dependsOnBefore } from './segment-lead.js';

/**
 * Which pictures of a segment show what was filmed. A decoder conceals what it lacks with pixels of other pictures, often
 * without a word: a result on such a picture would be one about another moment. So a unit with packets missing, one the
 * decoder found damaged, and everything after it up to the next sound keyframe are not trusted. Nor are pictures that build on
 * the segment before, unless the decoder was given that.
 */
export class PictureTrust {
  private readonly distrusted: boolean[];
  /** By position: builds on the segment before. HEVC marks such pictures, and its decoder drops them. */
  private readonly depends: readonly boolean[];

  /**
   * @param units in decode order
   * @param isLed the decoder is given what it needs of the segment before
   */
  constructor(
    codec: VideoCodec,
    private readonly units: readonly AccessUnit[],
    isLed = false,
  ) {
    let taintedUntil = 0;
    this.distrusted = units.map((unit, at) => {
      if (unit.broken) taintedUntil = Number.POSITIVE_INFINITY;
      else if (unit.keyframe) taintedUntil = Math.min(taintedUntil, at + unit.wholeAfter);
      return at < taintedUntil;
    });
    this.depends = codec === 'hevc' ? [] : dependsOnBefore(units);
    if (!isLed) this.distrustDependent();
  }

  /** How many pictures build on the segment before. */
  get dependent(): number {
    return this.depends.filter(Boolean).length;
  }

  /** @param position in decode order */
  isSound(position: number): boolean {
    return this.distrusted[position] === false;
  }

  /** The decoder found the unit damaged. */
  distrustFrom(position: number): void {
    let wholeFrom = Number.POSITIVE_INFINITY;
    for (let at = position; at < this.units.length; at++) {
      const unit = this.units[at]!;
      if (at > position && unit.keyframe) wholeFrom = Math.min(wholeFrom, at + unit.wholeAfter);
      if (at >= wholeFrom) return;
      this.distrusted[at] = true;
    }
  }

  /** What the decoder was given of the segment before turned out to be damaged, or it was given nothing. */
  distrustDependent(): void {
    this.depends.forEach((depends, at) => {
      if (depends) this.distrusted[at] = true;
    });
  }
}
