import type { JsonObject, JsonValue, PtsUs } from 'vedette/plugin';
import { base64Or, bytesOr, numberOr } from '../checkpoint-fields.js';

export const FLASH_COLUMNS = 32;
export const FLASH_ROWS = 18;
const TILES = FLASH_COLUMNS * FLASH_ROWS;
/** Tiles that change within this time change together. */
const TOGETHER_US = 120_000;

export interface FlashRules {
  readonly minChange: number;
  readonly maxDarker: number;
  readonly minArea: number;
}

/** Relative luminance of an 8-bit full-range luma, 0..255 again: sRGB's curve, as WCAG reckons. */
const LUMINANCE = Uint8Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return Math.round(255 * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
});

/**
 * Finds changes of luminance that are part of a general flash as ITU-R BT.1702 and WCAG 2.3.1 define it: by a tenth of
 * white or more, where the darker picture is below 0.8, on a quarter of the screen at once. Every tile is compared with its own
 * last extreme, so that a change may take several pictures.
 */
export class FlashAreas {
  readonly #extremes: Uint8Array;
  /** Which way each tile went last: 0 unknown, 1 up, 2 down. */
  readonly #directions: Uint8Array;
  /** When each tile last turned up or down, in pictures' pts; not older than {@link TOGETHER_US}. */
  #recent: { ptsUs: PtsUs; up: number; down: number }[];
  #lastDirection: number;
  #isFresh: boolean;

  constructor(
    private readonly rules: FlashRules,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    this.#extremes = bytesOr(saved['extremes']) ?? new Uint8Array(TILES);
    this.#directions = bytesOr(saved['directions']) ?? new Uint8Array(TILES);
    this.#recent = structuredClone((saved['recent'] as unknown as { ptsUs: PtsUs; up: number; down: number }[] | undefined) ?? []);
    this.#lastDirection = numberOr(saved['lastDirection']) ?? 0;
    this.#isFresh = saved['isFresh'] !== false;
  }

  /** @returns whether enough of the screen changed, the other way than the last time */
  next(tiles: Uint8Array, ptsUs: PtsUs): boolean {
    const { minChange, maxDarker, minArea } = this.rules;
    const least = minChange * 255;
    const darkest = maxDarker * 255;
    let [up, down] = [0, 0];
    for (let i = 0; i < TILES; i++) {
      const value = LUMINANCE[tiles[i]!]!;
      const extreme = this.#isFresh ? value : this.#extremes[i]!;
      const direction = this.#directions[i]!;
      if (this.#isFresh || (direction === 1 && value >= extreme) || (direction === 2 && value <= extreme)) {
        this.#extremes[i] = value;
        continue;
      }
      const change = value - extreme;
      if (Math.abs(change) < least || Math.min(value, extreme) >= darkest) continue;
      if (change > 0) up++;
      else down++;
      this.#directions[i] = change > 0 ? 1 : 2;
      this.#extremes[i] = value;
    }
    this.#isFresh = false;
    this.#recent = this.#recent.filter((recent) => ptsUs - recent.ptsUs < TOGETHER_US);
    if (up + down > 0) this.#recent.push({ ptsUs, up, down });
    const areaOf = (way: 'up' | 'down'): number => this.#recent.reduce((sum, recent) => sum + recent[way], 0) / TILES;
    const direction = this.#lastDirection !== 1 && areaOf('up') >= minArea ? 1 : this.#lastDirection !== 2 && areaOf('down') >= minArea ? 2 : 0;
    if (direction === 0) return false;
    this.#lastDirection = direction;
    this.#recent = [];
    return true;
  }

  forget(): void {
    this.#directions.fill(0);
    this.#recent = [];
    this.#lastDirection = 0;
    this.#isFresh = true;
  }

  checkpoint(): JsonObject {
    return {
      extremes: base64Or(this.#extremes),
      directions: base64Or(this.#directions),
      recent: this.#recent.map((recent) => ({ ...recent })),
      lastDirection: this.#lastDirection,
      isFresh: this.#isFresh,
    };
  }
}
