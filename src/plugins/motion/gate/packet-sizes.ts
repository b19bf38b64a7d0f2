import type { CodedPicture } from 'vedette/plugin';

/** Pictures between keyframes are summed over this long: short enough to stand out, longer than a group of B-frames. */
const WINDOW_US = 600_000;
/** Bytes per macroblock (16x16 px) and picture up to which a still scene costs next to nothing, so that motion must show. */
const MAX_QUIET_BYTES_PER_BLOCK = 0.2;
/** Quiet segments may differ by this share of what they cost; where they differ more, sizes tell nothing. */
const MAX_SPREAD = 0.15;
/** Never narrower than this: nothing repeats itself to the byte. */
const MIN_SPREAD = 0.012;
const MIN_SPREAD_BYTES = 6;
const SPREADS = 3;
const KEPT = 30;
const TO_SIGMA = 1.4826;

export interface SizeFacts {
  /** The most bytes that pictures between keyframes took within a window. */
  readonly peak: number;
  /** Their mean. */
  readonly mean: number;
}

/** What the pictures between keyframes cost; undefined where there are too few to say. */
export function sizeFacts(pictures: readonly CodedPicture[]): SizeFacts | undefined {
  const inter = pictures.filter(({ keyframe }) => !keyframe);
  if (inter.length < 4 || inter.at(-1)!.ptsUs - inter[0]!.ptsUs < WINDOW_US) return undefined;
  let [peak, sum, from, total] = [0, 0, 0, 0];
  for (const { ptsUs, sizeBytes } of inter) {
    sum += sizeBytes;
    total += sizeBytes;
    while (inter[from]!.ptsUs <= ptsUs - WINDOW_US) sum -= inter[from++]!.sizeBytes;
    peak = Math.max(peak, sum);
  }
  return { peak, mean: total / inter.length };
}

/** What a stream's pictures cost while nothing moves, learnt from segments that looked still. */
export class QuietSizes {
  private readonly peaks: number[] = [];
  private readonly means: number[] = [];

  constructor(private readonly learnSegments: number) {}

  get isLearnt(): boolean {
    return this.peaks.length >= this.learnSegments;
  }

  /** Whether sizes can tell motion from none in this stream at all: not where noise or a constant bit rate fills them. */
  isTelling(blocks: number): boolean {
    if (!this.isLearnt) return false;
    const { middle } = spreadOf(this.means);
    const peaks = spreadOf(this.peaks);
    return middle <= MAX_QUIET_BYTES_PER_BLOCK * blocks && peaks.sigma <= MAX_SPREAD * peaks.middle;
  }

  isQuiet({ peak, mean }: SizeFacts): boolean {
    return peak <= limitOf(this.peaks) && mean <= limitOf(this.means, MIN_SPREAD_BYTES / 10);
  }

  /** Takes a segment that looked still in. Once learnt, only what is quiet by what was learnt: motion must not become the rule. */
  learn(facts: SizeFacts): void {
    if (this.isLearnt && !this.isQuiet(facts)) return;
    this.peaks.push(facts.peak);
    this.means.push(facts.mean);
    if (this.peaks.length > KEPT) {
      this.peaks.shift();
      this.means.shift();
    }
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Median and spread by the median of distances from it: a few segments with motion among them change neither. */
function spreadOf(values: readonly number[]): { readonly middle: number; readonly sigma: number } {
  const middle = median(values);
  return { middle, sigma: TO_SIGMA * median(values.map((value) => Math.abs(value - middle))) };
}

function limitOf(values: readonly number[], leastBytes = MIN_SPREAD_BYTES): number {
  const { middle, sigma } = spreadOf(values);
  return middle + SPREADS * Math.max(sigma, MIN_SPREAD * middle, leastBytes);
}
