import type { JsonObject } from 'vedette/plugin';

/** Blocks of 100 ms: 4 make the momentary loudness, 30 the short-term one. */
const MOMENTARY_BLOCKS = 4;
const SHORT_TERM_BLOCKS = 30;
const ABSOLUTE_GATE_LUFS = -70;
const INTEGRATED_GATE_LU = -10;
const RANGE_GATE_LU = -20;
/** Loudness is remembered to a tenth of a LU, from -70 to +30. */
const BIN_LU = 0.1;
const BINS = 1000;

/** Mean square of K-weighted, channel-weighted samples to LUFS. */
export const toLufs = (energy: number): number => (energy > 0 ? -0.691 + 10 * Math.log10(energy) : Number.NEGATIVE_INFINITY);
const toEnergy = (lufs: number): number => 10 ** ((lufs + 0.691) / 10);

/** How often each loudness occurred. Kept instead of the blocks themselves: a stream may last for weeks. */
class LoudnessHistogram {
  private readonly counts = new Float64Array(BINS);

  add(lufs: number): void {
    if (lufs < ABSOLUTE_GATE_LUFS) return;
    this.counts[Math.min(BINS - 1, Math.floor((lufs - ABSOLUTE_GATE_LUFS) / BIN_LU))]! += 1;
  }

  /** Mean of what is not more than `gateLu` below the mean of everything; null while there is nothing. */
  gatedMean(gateLu: number): number | null {
    const ungated = this.mean(0);
    return ungated === null ? null : this.mean(this.binAbove(ungated + gateLu));
  }

  /** Distance of two quantiles of what passes the relative gate, LU. */
  spread(low: number, high: number, gateLu: number): number | null {
    const ungated = this.mean(0);
    if (ungated === null) return null;
    const from = this.binAbove(ungated + gateLu);
    const total = this.counts.subarray(from).reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    const quantile = (share: number): number => {
      let seen = 0;
      for (let bin = from; bin < BINS; bin++) {
        seen += this.counts[bin]!;
        if (seen >= share * (total - 1) + 1) return this.lufs(bin);
      }
      return this.lufs(BINS - 1);
    };
    return quantile(high) - quantile(low);
  }

  /** Pairs of bin and count. */
  get memory(): number[] {
    return [...this.counts].flatMap((count, bin) => (count > 0 ? [bin, count] : []));
  }

  restore(memory: readonly number[]): void {
    for (let i = 0; i + 1 < memory.length; i += 2) this.counts[memory[i]!] = memory[i + 1]!;
  }

  private mean(fromBin: number): number | null {
    let count = 0;
    let energy = 0;
    for (let bin = fromBin; bin < BINS; bin++) {
      const here = this.counts[bin]!;
      if (here === 0) continue;
      count += here;
      energy += here * toEnergy(this.lufs(bin));
    }
    return count === 0 ? null : toLufs(energy / count);
  }

  private binAbove(lufs: number): number {
    return Math.max(0, Math.ceil((lufs - ABSOLUTE_GATE_LUFS) / BIN_LU - 0.5));
  }

  private lufs(bin: number): number {
    return ABSOLUTE_GATE_LUFS + (bin + 0.5) * BIN_LU;
  }
}

/**
 * Loudness by EBU R 128: momentary (400 ms) and short-term (3 s) after EBU Tech 3341, integrated with both gates after ITU-R BS.1770-5,
 * loudness range after EBU Tech 3342. Fed with the energy of each 100 ms.
 */
export class Loudness {
  private readonly recent: number[] = [];
  private readonly integrated = new LoudnessHistogram();
  private readonly shortTerms = new LoudnessHistogram();

  /** @param energy weighted mean square of the block */
  addBlock(energy: number): void {
    this.recent.push(energy);
    if (this.recent.length > SHORT_TERM_BLOCKS) this.recent.shift();
    const { momentaryLufs, shortTermLufs } = this;
    if (momentaryLufs !== null) this.integrated.add(momentaryLufs);
    if (shortTermLufs !== null) this.shortTerms.add(shortTermLufs);
  }

  /** Null until 400 ms are heard. */
  get momentaryLufs(): number | null {
    return this.over(MOMENTARY_BLOCKS);
  }

  /** Null until 3 s are heard. */
  get shortTermLufs(): number | null {
    return this.over(SHORT_TERM_BLOCKS);
  }

  /** Since the beginning of the epoch, or the last break in its sound; null while everything was below -70 LUFS. */
  get integratedLufs(): number | null {
    return this.integrated.gatedMean(INTEGRATED_GATE_LU);
  }

  get rangeLu(): number | null {
    return this.shortTerms.spread(0.1, 0.95, RANGE_GATE_LU);
  }

  /** Sound is missing: windows must not reach over the hole, what was integrated stays. */
  interrupt(): void {
    this.recent.length = 0;
  }

  get memory(): JsonObject {
    return { recent: [...this.recent], integrated: this.integrated.memory, shortTerms: this.shortTerms.memory };
  }

  restore(memory: JsonObject): void {
    this.recent.push(...(memory['recent'] as number[]));
    this.integrated.restore(memory['integrated'] as number[]);
    this.shortTerms.restore(memory['shortTerms'] as number[]);
  }

  private over(blocks: number): number | null {
    if (this.recent.length < blocks) return null;
    let sum = 0;
    for (let i = this.recent.length - blocks; i < this.recent.length; i++) sum += this.recent[i]!;
    return toLufs(sum / blocks);
  }
}
