import type { PlaylistEpoch } from '../../persistence/read/playlist-media.js';

interface EpochClock {
  readonly startsUs: number;
  readonly lengthUs: number;
  /** When segments begin: in pts, and on the playlist. */
  readonly ptsUs: readonly number[];
  readonly offsetsUs: readonly number[];
  readonly durationsUs: readonly number[];
}

/** Where the media time of epochs lies on the playlist that names their segments one after another, in µs from its beginning. */
export class RangeClock {
  private readonly epochs = new Map<string, EpochClock>();
  readonly lengthUs: number;

  constructor(epochs: readonly PlaylistEpoch[]) {
    let endUs = 0;
    for (const { epochId, segments } of epochs) {
      const startsUs = endUs;
      const offsetsUs: number[] = [];
      for (const { durationUs } of segments) {
        offsetsUs.push(endUs);
        endUs += durationUs;
      }
      this.epochs.set(epochId, {
        ...{ startsUs, lengthUs: endUs - startsUs, offsetsUs },
        ptsUs: segments.map(({ ptsStartUs }) => ptsStartUs),
        durationsUs: segments.map(({ durationUs }) => durationUs),
      });
    }
    this.lengthUs = endUs;
  }

  /** What lies before or after the epoch's part of the playlist is put at its ends. @returns undefined where the epoch has no part of it */
  offsetUs(epochId: string, ptsUs: number): number | undefined {
    const clock = this.epochs.get(epochId);
    if (clock === undefined) return undefined;
    const i = lastNotAfter(clock.ptsUs, ptsUs);
    if (i < 0) return clock.startsUs;
    return clock.offsetsUs[i]! + Math.min(ptsUs - clock.ptsUs[i]!, clock.durationsUs[i]!);
  }

  /** Where an epoch's part of the playlist ends. */
  endUs(epochId: string): number | undefined {
    const clock = this.epochs.get(epochId);
    return clock && clock.startsUs + clock.lengthUs;
  }
}

function lastNotAfter(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
