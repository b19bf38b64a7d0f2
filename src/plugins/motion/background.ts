import type { JsonObject, JsonValue } from 'vedette/plugin';
import { UNITS_PER_LEVEL, type Grid } from './cell-grid.js';
import { lightChange, type LightChange } from './light.js';

/** How a model learns, in pictures rather than seconds. */
export interface BackgroundPace {
  /** Pictures over which the background is averaged. */
  readonly average: number;
  /** Pictures after which a change that stands still is background. */
  readonly settle: number;
  /** Pictures until the model is trusted. */
  readonly learn: number;
}

/** A cell's usual deviation is at least this much, and is thought to be this much at first. */
const LEAST_NOISE = 0.25 * UNITS_PER_LEVEL;
const FIRST_NOISE = 2 * UNITS_PER_LEVEL;
/** A deviation counts towards the noise up to this many times the noise: motion is not noise. */
const NOISE_CLIP = 3;
/** Noise is quick to grow and slow to shrink: it settles at about the 80th percentile of deviations, keyframes' jumps included. */
const NOISE_GROWS = 8;
const NOISE_SHRINKS = 32;
const MIDDLE_LEVEL = 128;
const MAX_STILL = 255;
const MAX_UNITS = 255 * UNITS_PER_LEVEL;
/** From one picture to the next a cell has moved when it changes by this many times its noise; two pictures' noise is in that. */
const MOVED = 2.5;

export interface Deviations {
  /** How far each cell is from the background, in multiples of `noise + floor`; 0 where it is not looked at. */
  readonly excess: Float32Array;
  /** Pictures since each cell last changed from one picture to the next. */
  readonly still: Uint8Array;
  /** How much brighter or darker the picture has become as a whole, in levels. */
  readonly lightLevels: number;
  /** False while the background is being learnt. */
  readonly isLearnt: boolean;
}

/**
 * A background per cell: a running mean with a running estimate of its noise, so that a flickering lamp, a noisy sensor and the
 * jumps of a codec at its keyframes raise the bar where they are, and nowhere else. All of it is whole numbers.
 */
export class Background {
  private columns = 0;
  private rows = 0;
  private mean = new Uint16Array(0);
  private noise = new Uint16Array(0);
  private last = new Uint8Array(0);
  private still = new Uint8Array(0);
  private seen = 0;
  private light: LightChange = { offset: 0, slope: 0 };

  /** @param floor deviation in levels that counts even where there is no noise at all */
  constructor(
    private readonly pace: BackgroundPace,
    private readonly floor: number,
    saved?: JsonValue,
  ) {
    const state = (saved ?? {}) as JsonObject;
    if (typeof state['mean'] !== 'string') return;
    [this.columns, this.rows, this.seen] = [Number(state['columns']), Number(state['rows']), Number(state['seen'])];
    const bytes = (name: string): Buffer => Buffer.from(String(state[name]), 'base64');
    [this.mean, this.noise] = [wordsIn(bytes('mean')), wordsIn(bytes('noise'))];
    [this.last, this.still] = [new Uint8Array(bytes('last')), new Uint8Array(bytes('still'))];
  }

  get isLearnt(): boolean {
    return this.seen >= this.pace.learn;
  }

  /** Holds the picture against the background. Nothing is learnt yet: see {@link learn}. */
  compare(grid: Grid, watched: Uint8Array): Deviations {
    if (grid.columns !== this.columns || grid.rows !== this.rows) this.begin(grid);
    this.light = lightChange(this.mean, grid.means, watched);
    const { offset, slope } = this.light;
    const excess = new Float32Array(grid.means.length);
    const floor = this.floor * UNITS_PER_LEVEL;
    // The last picture is kept in whole levels, and in the background's light.
    for (let i = 0; i < excess.length; i++) {
      const mean = this.mean[i]!;
      const level = grid.means[i]! - offset - slope * mean;
      const noise = this.noise[i]!;
      const moved = Math.abs(level - this.last[i]! * UNITS_PER_LEVEL) > MOVED * (noise + floor);
      this.still[i] = moved ? 0 : Math.min(MAX_STILL, this.still[i]! + 1);
      this.last[i] = Math.max(0, Math.min(255, Math.round(level / UNITS_PER_LEVEL)));
      if (watched[i] === 1) excess[i] = Math.abs(level - mean) / (noise + floor);
    }
    const lightLevels = Math.abs(offset / UNITS_PER_LEVEL + slope * MIDDLE_LEVEL);
    return { excess, still: this.still, lightLevels, isLearnt: this.isLearnt };
  }

  /** Takes the picture in; cells that move only when they have stood still for long enough. */
  learn(grid: Grid, moving: Uint8Array): void {
    this.seen++;
    const { average, settle, learn } = this.pace;
    const weight = 1 / Math.min(average, Math.max(2, this.seen));
    for (let i = 0; i < grid.means.length; i++) {
      if (moving[i] === 1 && this.seen > learn) {
        // What is covered is still lit like the rest.
        const lit = this.mean[i]! + weight * (this.light.offset + this.light.slope * this.mean[i]!);
        this.mean[i] = this.still[i]! >= Math.min(settle, MAX_STILL) ? grid.means[i]! : Math.max(0, Math.min(MAX_UNITS, Math.round(lit)));
        continue;
      }
      const away = grid.means[i]! - this.mean[i]!;
      const noise = this.noise[i]!;
      const counted = Math.min(Math.abs(away), NOISE_CLIP * Math.max(noise, LEAST_NOISE));
      this.noise[i] = Math.max(LEAST_NOISE, Math.round(noise + (counted - noise) / (counted > noise ? NOISE_GROWS : NOISE_SHRINKS)));
      this.mean[i] = Math.round(this.mean[i]! + away * weight);
    }
  }

  /** The light or the view has changed: what is seen now is the background, to be learnt for a while; how noisy it is stays known. */
  relearn(grid: Grid): void {
    this.seen = 1;
    this.mean = Uint16Array.from(grid.means);
    this.still.fill(MAX_STILL);
  }

  checkpoint(): JsonObject {
    return {
      columns: this.columns,
      rows: this.rows,
      seen: this.seen,
      mean: base64Of(this.mean),
      noise: base64Of(this.noise),
      last: Buffer.from(this.last).toString('base64'),
      still: Buffer.from(this.still).toString('base64'),
    };
  }

  private begin({ columns, rows, means }: Grid): void {
    [this.columns, this.rows, this.seen] = [columns, rows, 0];
    this.mean = Uint16Array.from(means);
    this.noise = new Uint16Array(means.length).fill(FIRST_NOISE);
    this.last = Uint8Array.from(means, (mean) => Math.round(mean / UNITS_PER_LEVEL));
    this.still = new Uint8Array(means.length).fill(MAX_STILL);
  }
}

const wordsIn = (bytes: Buffer): Uint16Array<ArrayBuffer> =>
  Uint16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readUInt16LE(2 * i));

function base64Of(values: Uint16Array): string {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16LE(value, 2 * i));
  return bytes.toString('base64');
}
