import type { JsonObject, JsonValue, PtsUs } from 'vedette/plugin';
import { base64Or, bytesOr, numberOr } from '../checkpoint-fields.js';

export const FLASH_COLUMNS = 32;
export const FLASH_ROWS = 18;
const TILES = FLASH_COLUMNS * FLASH_ROWS;
/** A change may take this long: half a cycle of three flashes a second. Not more pictures than that are kept, though. */
const CHANGE_US = 160_000;
const MAX_KEPT = 12;
/** A change this long ago is no half of a flash. */
const FORGET_US = 1_000_000;
/** Where much moves, tiles get brighter and darker at once; a flash goes one way. */
const ONE_WAY = 2;

export interface FlashRules {
  readonly minChange: number;
  readonly maxDarker: number;
  readonly minArea: number;
}

interface Kept {
  readonly ptsUs: PtsUs;
  readonly luminance: Uint8Array;
}

/** Relative luminance of an 8-bit full-range luma, 0..255 again: sRGB's curve, as WCAG reckons. */
const LUMINANCE = Uint8Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return Math.round(255 * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
});

/**
 * Finds changes of luminance that are part of a general flash as WCAG 2.3.1 defines it, and ITU-R BT.1702 in candelas: by a tenth
 * of white or more, where the darker picture is below 0.8, on a quarter of the screen at once.
 */
export class FlashAreas {
  private kept: Kept[];
  /** Which way the screen went last: 0 unknown, 1 up, -1 down; and when. */
  private direction: number;
  private changedUs: PtsUs | null;

  constructor(
    private readonly rules: FlashRules,
    checkpoint?: JsonValue,
  ) {
    const saved = (checkpoint ?? {}) as JsonObject;
    const kept = (saved['kept'] ?? []) as { ptsUs: PtsUs; luminance: string }[];
    this.kept = kept.map(({ ptsUs, luminance }) => ({ ptsUs, luminance: bytesOr(luminance) ?? new Uint8Array(TILES) }));
    this.direction = numberOr(saved['direction']) ?? 0;
    this.changedUs = numberOr(saved['changedUs']);
  }

  /**
   * @param tiles mean luma of each tile
   * @returns whether enough of the screen changed, the other way than the last time
   */
  next(tiles: Uint8Array, ptsUs: PtsUs): boolean {
    const luminance = tiles.map((level) => LUMINANCE[level]!);
    this.kept = this.kept.filter((kept) => ptsUs - kept.ptsUs <= CHANGE_US);
    if (this.changedUs !== null && ptsUs - this.changedUs > FORGET_US) this.direction = 0;
    const { up, down } = this.areas(luminance);
    this.kept.push({ ptsUs, luminance });
    if (this.kept.length > MAX_KEPT) this.kept.shift();
    const { minArea } = this.rules;
    const direction = up >= minArea && up >= ONE_WAY * down ? 1 : down >= minArea && down >= ONE_WAY * up ? -1 : 0;
    if (direction === 0 || direction === this.direction) return false;
    this.direction = direction;
    this.changedUs = ptsUs;
    // What lies before this change has been reckoned with.
    this.kept = [{ ptsUs, luminance }];
    return true;
  }

  forget(): void {
    this.kept = [];
    this.direction = 0;
    this.changedUs = null;
  }

  checkpoint(): JsonObject {
    return {
      kept: this.kept.map(({ ptsUs, luminance }) => ({ ptsUs, luminance: base64Or(luminance) })),
      direction: this.direction,
      changedUs: this.changedUs,
    };
  }

  /** Shares of the screen that got brighter and darker than in any kept picture. */
  private areas(luminance: Uint8Array): { up: number; down: number } {
    const least = this.rules.minChange * 255;
    const darkest = this.rules.maxDarker * 255;
    let [up, down] = [0, 0];
    for (let i = 0; i < TILES; i++) {
      const value = luminance[i]!;
      let [lowest, highest] = [value, value];
      for (const kept of this.kept) {
        const before = kept.luminance[i]!;
        if (before < lowest) lowest = before;
        else if (before > highest) highest = before;
      }
      if (value - lowest >= least && lowest < darkest) up++;
      if (highest - value >= least && value < darkest) down++;
    }
    return { up: up / TILES, down: down / TILES };
  }
}
