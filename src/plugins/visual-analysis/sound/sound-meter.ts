import type { AudioBlock, JsonObject, PtsUs } from 'vedette/plugin';
import { channelWeights, kWeighting, type Biquad } from './k-weighting.js';
import { TruePeak } from './true-peak.js';

/** 100 ms of sound, measured. Amplitudes are linear, 1 is full scale. */
export interface SoundBlock {
  readonly startUs: PtsUs;
  /** Where the next block begins. */
  readonly endUs: PtsUs;
  /** K-weighted mean square, summed over the weighted channels. */
  readonly energy: number;
  readonly meanSquare: number;
  /** Per channel: loudest sample, and mean square. */
  readonly peaks: readonly number[];
  readonly channelMeanSquares: readonly number[];
  readonly truePeak: number;
  /** Correlation of the first two channels, -1..1; null without two, or when one is silent. */
  readonly correlation: number | null;
  /** Clips in it, and where the first one began. */
  readonly clips: number;
  readonly firstClipUs: PtsUs | null;
  /** Pts of the first and last sample above the level of silence; null when there is none. */
  readonly firstLoudUs: PtsUs | null;
  readonly lastLoudUs: PtsUs | null;
}

export interface SoundMeterOptions {
  /** Linear amplitude up to which a sample is silent. */
  readonly silentUpTo: number;
  /** Linear amplitude from which a sample is clipped, and how many in a row make a clip. */
  readonly clippedFrom: number;
  readonly clipSamples: number;
}

/** Cuts sound into blocks of 100 ms, counted in samples from where it began, and measures each in one pass. */
export class SoundMeter {
  private readonly blockSamples: number;
  private readonly sections: readonly [Biquad, Biquad];
  private readonly weights: readonly number[];
  /** Four numbers of filter memory per channel. */
  private readonly filters: Float64Array;
  private readonly truePeaks: readonly TruePeak[];
  private readonly peaks: Float64Array;
  private readonly squares: Float64Array;
  private readonly weighted: Float64Array;
  private readonly clipRuns: Int32Array;
  private cross = 0;
  private filled = 0;
  private clips = 0;
  private firstClipUs: PtsUs | null = null;
  private startUs: PtsUs = 0;
  private firstLoudUs: PtsUs | null = null;
  private lastLoudUs: PtsUs | null = null;

  constructor(
    readonly sampleRateHz: number,
    readonly channelCount: number,
    private readonly options: SoundMeterOptions,
  ) {
    this.blockSamples = Math.round(sampleRateHz / 10);
    this.sections = kWeighting(sampleRateHz);
    this.weights = channelWeights(channelCount);
    this.filters = new Float64Array(channelCount * 4);
    this.truePeaks = Array.from({ length: channelCount }, () => new TruePeak(sampleRateHz));
    this.peaks = new Float64Array(channelCount);
    this.squares = new Float64Array(channelCount);
    this.weighted = new Float64Array(channelCount);
    this.clipRuns = new Int32Array(channelCount);
  }

  /** Measures a run of sound that follows the one before without a break; `done` gets every block that it completes. */
  push({ ptsUs, sampleCount, data }: AudioBlock, done: (block: SoundBlock) => void): void {
    const usPerSample = 1e6 / this.sampleRateHz;
    for (let from = 0; from < sampleCount;) {
      const count = Math.min(sampleCount - from, this.blockSamples - this.filled);
      if (this.filled === 0) this.startUs = ptsUs + from * usPerSample;
      const startUs = ptsUs + from * usPerSample;
      for (let channel = 0; channel < this.channelCount; channel++) this.channel(data, from, count, channel, startUs, usPerSample);
      if (this.channelCount >= 2) this.correlate(data, from, count);
      this.filled += count;
      from += count;
      if (this.filled === this.blockSamples) done(this.finish(ptsUs + from * usPerSample));
    }
  }

  get memory(): JsonObject {
    return {
      filters: [...this.filters],
      truePeaks: this.truePeaks.map(({ memory }) => ({ ...memory })),
      peaks: [...this.peaks],
      squares: [...this.squares],
      weighted: [...this.weighted],
      clipRuns: [...this.clipRuns],
      cross: this.cross,
      filled: this.filled,
      clips: this.clips,
      firstClipUs: this.firstClipUs,
      startUs: this.startUs,
      firstLoudUs: this.firstLoudUs,
      lastLoudUs: this.lastLoudUs,
    };
  }

  restore(memory: JsonObject): void {
    for (const [target, source] of [
      [this.filters, memory['filters']],
      [this.peaks, memory['peaks']],
      [this.squares, memory['squares']],
      [this.weighted, memory['weighted']],
      [this.clipRuns, memory['clipRuns']],
    ] as const) {
      target.set((source as number[]).slice(0, target.length));
    }
    (memory['truePeaks'] as unknown as TruePeak['memory'][]).forEach((one, channel) => this.truePeaks[channel]?.restore(one));
    this.cross = memory['cross'] as number;
    this.filled = memory['filled'] as number;
    this.clips = memory['clips'] as number;
    this.firstClipUs = memory['firstClipUs'] as number | null;
    this.startUs = memory['startUs'] as number;
    this.firstLoudUs = memory['firstLoudUs'] as number | null;
    this.lastLoudUs = memory['lastLoudUs'] as number | null;
  }

  private channel(data: Float32Array, from: number, count: number, channel: number, startUs: PtsUs, usPerSample: number): void {
    const { silentUpTo, clippedFrom, clipSamples } = this.options;
    const [shelf, pass] = this.sections;
    const memory = this.filters.subarray(channel * 4, channel * 4 + 4);
    const truePeak = this.truePeaks[channel]!;
    let [s1 = 0, s2 = 0, p1 = 0, p2 = 0] = memory;
    let peak = this.peaks[channel]!;
    let square = 0;
    let weighted = 0;
    let run = this.clipRuns[channel]!;
    let firstLoud = -1;
    let lastLoud = -1;
    for (let i = 0, at = from * this.channelCount + channel; i < count; i++, at += this.channelCount) {
      // Not a number would stay in the filters for good.
      const x = Number.isFinite(data[at]) ? data[at]! : 0;
      const magnitude = x < 0 ? -x : x;
      if (magnitude > peak) peak = magnitude;
      if (magnitude > silentUpTo) {
        if (firstLoud < 0) firstLoud = i;
        lastLoud = i;
      }
      run = magnitude >= clippedFrom ? run + 1 : 0;
      if (run === clipSamples) {
        this.clips++;
        this.firstClipUs ??= startUs + Math.max(0, i - clipSamples + 1) * usPerSample;
      }
      truePeak.push(x);
      square += x * x;
      const shelved = shelf.b0 * x + s1;
      s1 = shelf.b1 * x - shelf.a1 * shelved + s2;
      s2 = shelf.b2 * x - shelf.a2 * shelved;
      const passed = pass.b0 * shelved + p1;
      p1 = pass.b1 * shelved - pass.a1 * passed + p2;
      p2 = pass.b2 * shelved - pass.a2 * passed;
      weighted += passed * passed;
    }
    memory.set([s1, s2, p1, p2]);
    this.peaks[channel] = peak;
    this.squares[channel]! += square;
    this.weighted[channel]! += weighted;
    this.clipRuns[channel] = run;
    if (firstLoud >= 0) {
      const firstUs = startUs + firstLoud * usPerSample;
      const lastUs = startUs + lastLoud * usPerSample;
      this.firstLoudUs = Math.min(this.firstLoudUs ?? firstUs, firstUs);
      this.lastLoudUs = Math.max(this.lastLoudUs ?? lastUs, lastUs);
    }
  }

  private correlate(data: Float32Array, from: number, count: number): void {
    let cross = 0;
    for (let i = 0, at = from * this.channelCount; i < count; i++, at += this.channelCount) {
      const product = data[at]! * data[at + 1]!;
      if (Number.isFinite(product)) cross += product;
    }
    this.cross += cross;
  }

  private finish(endUs: PtsUs): SoundBlock {
    const samples = this.blockSamples;
    const product = Math.sqrt(this.squares[0]! * (this.squares[1] ?? 0));
    const floor = this.options.silentUpTo ** 2 * samples;
    const block: SoundBlock = {
      startUs: this.startUs,
      endUs,
      energy: this.weighted.reduce((sum, one, channel) => sum + (one / samples) * this.weights[channel]!, 0),
      meanSquare: this.squares.reduce((sum, one) => sum + one, 0) / (samples * this.channelCount),
      peaks: [...this.peaks],
      channelMeanSquares: Array.from(this.squares, (one) => one / samples),
      truePeak: Math.max(...this.truePeaks.map((one) => one.take())),
      correlation: this.channelCount < 2 || product <= floor ? null : Math.max(-1, Math.min(1, this.cross / product)),
      clips: this.clips,
      firstClipUs: this.firstClipUs,
      firstLoudUs: this.firstLoudUs,
      lastLoudUs: this.lastLoudUs,
    };
    this.peaks.fill(0);
    this.squares.fill(0);
    this.weighted.fill(0);
    this.cross = 0;
    this.filled = 0;
    this.clips = 0;
    this.firstClipUs = null;
    this.firstLoudUs = null;
    this.lastLoudUs = null;
    return block;
  }
}
