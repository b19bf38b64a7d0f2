import type { JsonValue, PtsUs } from 'vedette/plugin';

/** A turn of a value that goes up and down. */
export interface Turn {
  /** The picture of the extreme. */
  readonly ptsUs: PtsUs;
}

interface SwingState {
  readonly direction: -1 | 0 | 1;
  readonly extreme: number;
  readonly extremeUs: PtsUs;
}

/** Follows one value and reports its turns; less than `minSwing` back is no turn. */
export class Swings {
  private state: SwingState | null;

  constructor(
    private readonly minSwing: number,
    saved?: JsonValue,
  ) {
    this.state = (saved as unknown as SwingState | null | undefined) ?? null;
  }

  /** @returns the turn that this value completes, if it does */
  next(value: number, ptsUs: PtsUs): Turn | null {
    const state = this.state;
    if (state === null) {
      this.state = { direction: 0, extreme: value, extremeUs: ptsUs };
      return null;
    }
    const { direction, extreme, extremeUs } = state;
    const away = value - extreme;
    if (direction === 0 ? away === 0 : away * direction >= 0) {
      this.state = { direction, extreme: value, extremeUs: away === 0 ? extremeUs : ptsUs };
      return null;
    }
    if (Math.abs(away) < this.minSwing) return null;
    this.state = { direction: away > 0 ? 1 : -1, extreme: value, extremeUs: ptsUs };
    return { ptsUs: extremeUs };
  }

  forget(): void {
    this.state = null;
  }

  checkpoint(): JsonValue {
    return this.state === null ? null : { ...this.state };
  }
}
