/** One second-order section, direct form II transposed: two numbers of memory. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/**
 * The K-weighting of ITU-R BS.1770-5 for any sample rate: a high shelf (the head), then a high pass. The recommendation gives
 * coefficients for 48 kHz only; these are its analogue prototypes by the bilinear transform, as in libebur128, and equal its
 * table at 48 kHz to nine digits.
 */
export function kWeighting(sampleRateHz: number): readonly [Biquad, Biquad] {
  return [highShelf(sampleRateHz), highPass(sampleRateHz)];
}

function highShelf(sampleRateHz: number): Biquad {
  const frequencyHz = 1681.974450955533;
  const gainDb = 3.999843853973347;
  const quality = 0.7071752369554196;
  const k = Math.tan((Math.PI * frequencyHz) / sampleRateHz);
  const vh = 10 ** (gainDb / 20);
  const vb = vh ** 0.4996667741545416;
  const a0 = 1 + k / quality + k * k;
  return {
    b0: (vh + (vb * k) / quality + k * k) / a0,
    b1: (2 * (k * k - vh)) / a0,
    b2: (vh - (vb * k) / quality + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / quality + k * k) / a0,
  };
}

function highPass(sampleRateHz: number): Biquad {
  const frequencyHz = 38.13547087602444;
  const quality = 0.5003270373238773;
  const k = Math.tan((Math.PI * frequencyHz) / sampleRateHz);
  const a0 = 1 + k / quality + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / quality + k * k) / a0 };
}

/**
 * Weight of each channel in the sum of energies, in libav's channel order: the surrounds 1.41 (+1.5 dB), no LFE.
 * Layouts beyond 5.1 and 7.1 count every channel as a front one.
 */
export function channelWeights(channelCount: number): readonly number[] {
  if (channelCount === 5) return [1, 1, 1, 1.41, 1.41];
  if (channelCount === 6) return [1, 1, 1, 0, 1.41, 1.41];
  if (channelCount === 8) return [1, 1, 1, 0, 1.41, 1.41, 1.41, 1.41];
  return new Array<number>(channelCount).fill(1);
}
