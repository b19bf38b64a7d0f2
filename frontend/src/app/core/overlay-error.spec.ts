import { describe, expect, it } from 'vitest';
import { aDetection } from '../testing/wire-samples';
import type { Sample } from './boxes-between';
import { overlayError } from './overlay-error';

/** A box of the track at each place, five times a second. */
const path = (...xs: number[]): Sample[] =>
  xs.map((x, i) => ({
    ptsUs: i * 200_000,
    detections: new Map([['0', aDetection(i * 200_000, { trackId: 't', box: { x, y: 0.1, width: 0.2, height: 0.2 } })]]),
  }));

describe(overlayError.name, () => {
  it('is nothing for the way between on a straight path, and the step for what is held', () => {
    const error = overlayError(path(0, 0.1, 0.2, 0.3), 320, 180);
    expect(error.betweenPx).toBeCloseTo(0, 6);
    expect(error.heldPx).toBeCloseTo(32, 6);
    expect(error.measured).toBe(2);
  });

  it('is how far a bend leads off the straight way', () => {
    expect(overlayError(path(0, 0.1, 0), 320, 180).betweenPx).toBeCloseTo(32, 6);
  });

  it('says nothing where no track was seen twice', () => {
    expect(overlayError(path(0), 320, 180)).toEqual({ betweenPx: null, heldPx: null, measured: 0 });
    expect(overlayError([], 320, 180).heldPx).toBeNull();
  });
});
