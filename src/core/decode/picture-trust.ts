import type { AccessUnit, VideoCodec } from './mpegts/index.js';

/**
 * Which pictures of a segment show what was filmed. A decoder conceals what it lacks with pixels of other pictures, often
 * without a word: a result on such a picture would be one about another moment. So a unit with packets missing, one the
 * decoder found damaged, and everything after it up to the next sound keyframe are not trusted.
 */
export class PictureTrust {
  readonly #distrusted: boolean[];

  /** @param units in decode order */
  constructor(
    codec: VideoCodec,
    private readonly units: readonly AccessUnit[],
  ) {
    let tainted = false;
    this.#distrusted = units.map((unit) => (tainted = unit.broken || (tainted && !unit.keyframe)));
    if (codec === 'h264') this.#distrustLeading();
  }

  /** @param position in decode order */
  isSound(position: number): boolean {
    return this.#distrusted[position] === false;
  }

  /** The decoder found the unit damaged. */
  distrustFrom(position: number): void {
    for (let at = position; at < this.units.length; at++) {
      if (at > position && this.units[at]?.keyframe) return;
      this.#distrusted[at] = true;
    }
  }

  /** Pictures shown before the first keyframe but stored after it refer to the segment before (open GOP). HEVC marks and drops them. */
  #distrustLeading(): void {
    const first = this.units.findIndex((unit) => unit.keyframe);
    const keyframe = this.units[first];
    if (keyframe === undefined) return;
    for (let at = first + 1; at < this.units.length && !this.units[at]!.keyframe; at++) {
      if (isBefore(this.units[at]!.ptsTicks, keyframe.ptsTicks)) this.#distrusted[at] = true;
    }
  }
}

/** On the 33-bit clock, which wraps. */
function isBefore(ticks: number, other: number): boolean {
  const ahead = (((other - ticks) % 2 ** 33) + 2 ** 33) % 2 ** 33;
  return ahead > 0 && ahead < 2 ** 32;
}
