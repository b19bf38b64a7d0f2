import { exclusivityFactor, positionFactor, sizeFactor } from './formula.js';
import type { BrandGlimpse } from './brand-sighting.js';

/** What exposures come to. Means are over the visible time. */
export interface ExposureFigures {
  readonly visibleSeconds: number;
  readonly meanShare: number;
  readonly peakShare: number;
  readonly meanClarity: number;
  readonly meanScore: number;
  /** Mean number of its logos in frame while it is visible. */
  readonly meanInstances: number;
  /** Mean number of other brands in frame while it is visible. */
  readonly meanOthers: number;
  /** Seconds during which no other brand was in frame. */
  readonly aloneSeconds: number;
  /** Means of the factors of the formula, 0..1. */
  readonly factors: { readonly size: number; readonly position: number; readonly clarity: number; readonly exclusivity: number };
  /** Seconds, each weighed by the four factors of its own frame. */
  readonly weightedSeconds: number;
  /** Seconds by cell of the 3x3 grid, row by row. */
  readonly gridSeconds: readonly number[];
}

/** Adds up glimpses of one brand. */
export class ExposureSum {
  private visibleSeconds = 0;
  private share = 0;
  private peakShare = 0;
  private clarity = 0;
  private score = 0;
  private instances = 0;
  private others = 0;
  private alone = 0;
  private weighted = 0;
  private readonly factors = { size: 0, position: 0, exclusivity: 0 };
  private readonly grid = new Array<number>(9).fill(0);

  get seconds(): number {
    return this.visibleSeconds;
  }

  add(glimpse: BrandGlimpse): void {
    const { seconds, share, clarity, cell, others } = glimpse;
    const size = sizeFactor(share);
    const position = positionFactor(cell);
    const exclusivity = exclusivityFactor(others);
    this.visibleSeconds += seconds;
    this.share += share * seconds;
    this.peakShare = Math.max(this.peakShare, share);
    this.clarity += clarity * seconds;
    this.score += glimpse.score * seconds;
    this.instances += glimpse.instances * seconds;
    this.others += others * seconds;
    if (others === 0) this.alone += seconds;
    this.factors.size += size * seconds;
    this.factors.position += position * seconds;
    this.factors.exclusivity += exclusivity * seconds;
    this.weighted += size * position * clarity * exclusivity * seconds;
    this.grid[cell] = (this.grid[cell] ?? 0) + seconds;
  }

  figures(): ExposureFigures {
    const mean = (sum: number): number => (this.visibleSeconds > 0 ? rounded(sum / this.visibleSeconds) : 0);
    return {
      visibleSeconds: rounded(this.visibleSeconds),
      meanShare: mean(this.share),
      peakShare: rounded(this.peakShare),
      meanClarity: mean(this.clarity),
      meanScore: mean(this.score),
      meanInstances: mean(this.instances),
      meanOthers: mean(this.others),
      aloneSeconds: rounded(this.alone),
      factors: {
        size: mean(this.factors.size),
        position: mean(this.factors.position),
        clarity: mean(this.clarity),
        exclusivity: mean(this.factors.exclusivity),
      },
      weightedSeconds: rounded(this.weighted),
      gridSeconds: this.grid.map(rounded),
    };
  }
}

/** To the microsecond, and to six digits of a share: sums of floats are not more exact than that. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
