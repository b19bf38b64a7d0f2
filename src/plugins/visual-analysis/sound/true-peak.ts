/**
 * The interpolator of ITU-R BS.1770-5, annex 2: four phases of twelve taps, for an estimate of the peak between the samples.
 * At 96 kHz and above the samples themselves lie close enough.
 */
const PHASE_0 = [
  0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625, 0.97216796875, -0.102294921875,
  0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125,
];
const PHASE_1 = [
  -0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625, 0.77978515625, -0.2003173828125, 0.1015625,
  -0.0582275390625, 0.0330810546875, -0.0189208984375,
];
const PHASES = [PHASE_0, PHASE_1, [...PHASE_1].reverse(), [...PHASE_0].reverse()].map((taps) => Float64Array.from(taps));
const TAPS = 12;
/** No interpolated value exceeds the largest of its twelve samples by more than this. */
const GREATEST_GAIN = Math.max(...PHASES.map((taps) => taps.reduce((sum, tap) => sum + Math.abs(tap), 0)));
const OVERSAMPLED_FROM_HZ = 96_000;

/** Follows one channel. Its memory is the last eleven samples. */
export class TruePeak {
  private window = new Float64Array(TAPS * 2);
  private at = 0;
  private peak = 0;
  /** Samples since one was loud enough to make a new peak. */
  private quietFor = TAPS;

  constructor(private readonly sampleRateHz: number) {}

  /** Adds one sample, -1..1. */
  push(sample: number): void {
    const magnitude = sample < 0 ? -sample : sample;
    if (magnitude > this.peak) this.peak = magnitude;
    // Twice in a double-length window, so that the last twelve always lie in a row.
    this.window[this.at] = sample;
    this.window[this.at + TAPS] = sample;
    this.at = (this.at + 1) % TAPS;
    this.quietFor = magnitude * GREATEST_GAIN > this.peak ? 0 : this.quietFor + 1;
    if (this.quietFor < TAPS && this.sampleRateHz < OVERSAMPLED_FROM_HZ) this.interpolate();
  }

  /** The greatest value since it was last taken, linear; begins anew. */
  take(): number {
    const peak = this.peak;
    this.peak = 0;
    // Samples still in the window count for the next peak, too.
    this.quietFor = 0;
    return peak;
  }

  get memory(): { readonly window: number[]; readonly at: number; readonly peak: number; readonly quietFor: number } {
    return { window: [...this.window.subarray(0, TAPS)], at: this.at, peak: this.peak, quietFor: this.quietFor };
  }

  restore(memory: TruePeak['memory']): void {
    this.window.set(memory.window.slice(0, TAPS));
    this.window.set(memory.window.slice(0, TAPS), TAPS);
    this.at = memory.at % TAPS;
    this.peak = memory.peak;
    this.quietFor = memory.quietFor;
  }

  private interpolate(): void {
    const window = this.window;
    const from = this.at;
    for (const taps of PHASES) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += taps[tap]! * window[from + tap]!;
      const magnitude = sum < 0 ? -sum : sum;
      if (magnitude > this.peak) this.peak = magnitude;
    }
  }
}
