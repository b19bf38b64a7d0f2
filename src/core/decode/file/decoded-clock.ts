import type { Frame } from 'node-av/lib';
import { AV_NOPTS_VALUE } from 'node-av/constants';

/** When decoded frames are shown, in ticks of their track: those that nothing is known of follow the one before. */
export class DecodedClock {
  private last: bigint | undefined;
  private step = 1n;

  shownAt({ bestEffortTimestamp, duration }: Pick<Frame, 'bestEffortTimestamp' | 'duration'>): bigint {
    const isKnown = bestEffortTimestamp !== AV_NOPTS_VALUE;
    const at = isKnown ? bestEffortTimestamp : this.last === undefined ? 0n : this.last + this.step;
    if (duration > 0n) this.step = duration;
    else if (this.last !== undefined && at > this.last) this.step = at - this.last;
    this.last = at;
    return at;
  }
}
