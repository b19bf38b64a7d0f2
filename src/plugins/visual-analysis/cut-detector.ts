import type { Emit, JsonObject, JsonValue, PtsUs } from 'vedette/plugin';
import { base64Or, bytesOr, numberOr } from './checkpoint-fields.js';
import { meanChange } from './picture-measures.js';

/** Weight of the newest picture in what is usual, and how little counts as usual at least: noise is no yardstick. */
const USUAL_WEIGHT = 0.2;
const LEAST_USUAL = 0.01;
const LEAST_USUAL_SHIFT = 0.03;
/** Among moving pictures a change need not stand out as much where the distribution of luma changes with it. */
const LEAST_OVER_USUAL = 1.4;
/** A picture that is back to this part of the change, and no further than usual, was interrupted by a flash, not cut. */
const BACK = 0.5;

export interface CutRules {
  readonly minMotion: number;
  readonly overUsualMotion: number;
  /** Milliseconds. */
  readonly minDistance: number;
}

interface Suspected {
  readonly ptsUs: PtsUs;
  readonly change: number;
}

/**
 * Finds the first picture of a new shot: its colours are elsewhere than in the picture before, more than is usual; or somewhat
 * more, and there are also others, which a camera that pans does not bring about. A change that the very next picture takes back was a
 * flash; so a cut is reported one
 * picture late, at its own time.
 */
export class CutDetector {
  private tiles: Uint8Array | null;
  /** The picture before the suspected cut. */
  private before: Uint8Array | null;
  private suspected: Suspected | null;
  private usual: number;
  private shares: readonly number[] | null;
  private usualShift: number;
  private lastCutUs: PtsUs | null;

  constructor(
    private readonly rules: CutRules,
    private readonly epochId: string,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    this.tiles = bytesOr(saved['tiles']);
    this.before = bytesOr(saved['before']);
    this.suspected = (saved['suspected'] as unknown as Suspected | null | undefined) ?? null;
    this.usual = numberOr(saved['usual']) ?? 0;
    this.shares = (saved['shares'] as number[] | null | undefined) ?? null;
    this.usualShift = numberOr(saved['usualShift']) ?? 0;
    this.lastCutUs = numberOr(saved['lastCutUs']);
  }

  /** @returns whether the picture before this one turned out to be the first of a new shot */
  judge(tiles: Uint8Array, shares: readonly number[], ptsUs: PtsUs, emit: Emit): boolean {
    const before = this.settle(tiles, emit);
    const isNewShot = before === 'cut';
    const [last, lastShares] = [this.tiles, this.shares];
    this.tiles = tiles;
    this.shares = shares;
    if (last === null || lastShares === null) return isNewShot;
    const change = meanChange(tiles, last);
    const shift = shares.reduce((sum, share, i) => sum + Math.abs(share - lastShares[i]!), 0) / 20_000;
    const over = change / Math.max(LEAST_USUAL, this.usual);
    const shiftOver = shift / Math.max(LEAST_USUAL_SHIFT, this.usualShift);
    const { minMotion, overUsualMotion, minDistance } = this.rules;
    const isRecent = this.lastCutUs !== null && ptsUs - this.lastCutUs < minDistance * 1000;
    const standsOut = over >= overUsualMotion || (over >= LEAST_OVER_USUAL && over * shiftOver >= overUsualMotion ** 2);
    if (!isRecent && before === 'nothing' && change >= minMotion && standsOut) {
      this.suspected = { ptsUs, change };
      this.before = last;
    } else if (before !== 'flash') {
      // The way back from a flash is not how the picture moves: it would hide a cut soon after.
      this.usual += USUAL_WEIGHT * (change - this.usual);
      this.usualShift += USUAL_WEIGHT * (shift - this.usualShift);
    }
    return isNewShot;
  }

  /** No picture follows that could take a suspected cut back. */
  finish(emit: Emit): void {
    this.settle(null, emit);
    this.tiles = null;
  }

  checkpoint(): JsonValue {
    return {
      tiles: base64Or(this.tiles),
      before: base64Or(this.before),
      suspected: this.suspected === null ? null : { ...this.suspected },
      usual: this.usual,
      shares: this.shares === null ? null : [...this.shares],
      usualShift: this.usualShift,
      lastCutUs: this.lastCutUs,
    };
  }

  private settle(tiles: Uint8Array | null, emit: Emit): 'cut' | 'flash' | 'nothing' {
    const [suspected, before] = [this.suspected, this.before];
    this.suspected = null;
    this.before = null;
    if (suspected === null || before === null) return 'nothing';
    const { ptsUs, change } = suspected;
    const awayStill = tiles === null ? Infinity : meanChange(tiles, before);
    if (awayStill < Math.min(BACK * change, this.rules.overUsualMotion * Math.max(LEAST_USUAL, this.usual))) return 'flash';
    this.lastCutUs = ptsUs;
    const event = {
      type: 'event',
      name: 'scene-change',
      key: `scene-change:${this.epochId}:${ptsUs}`,
      ptsUs,
      data: { motion: change },
    } as const;
    emit({ ...event, phase: 'start' });
    emit({ ...event, phase: 'end' });
    return 'cut';
  }
}
