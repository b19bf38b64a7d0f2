import { describe, expect, it } from 'vitest';
import { AudioShaper } from './audio-shaper.js';

const WANTED = { sampleRateHz: 16_000, channels: 'mono' } as const;
/** A resampler has not heard enough at the beginning of a second. */
const SETTLED_FROM = 2_000;

/** What becomes of a tone's level on its way from this rate to 16 kHz, dB. */
function gainDb(frequencyHz: number, sampleRateHz: number): number {
  const shaper = new AudioShaper(WANTED, { sampleRateHz, channelCount: 2 });
  const tone = Float32Array.from({ length: sampleRateHz * 2 }, (_, i) => Math.sin((2 * Math.PI * frequencyHz * (i >> 1)) / sampleRateHz));
  const made = shaper.push(tone).subarray(SETTLED_FROM);
  shaper.close();
  return 10 * Math.log10((2 * made.reduce((sum, value) => sum + value * value, 0)) / made.length);
}

describe(AudioShaper.name, () => {
  it.each([48_000, 44_100, 32_000])('hands on what 16 kHz can carry of %d Hz, and no echo of the rest', (sampleRateHz) => {
    for (const hz of [50, 200, 1_000, 3_000, 5_000, 6_000]) expect(Math.abs(gainDb(hz, sampleRateHz)), `${hz} Hz`).toBeLessThan(0.01);
    expect(gainDb(7_000, sampleRateHz)).toBeGreaterThan(-0.5);
    // What lies above 8 kHz would come back as if mirrored there: 9 kHz as 7, 14 as 2.
    for (const hz of [9_000, 10_000, 12_000, 14_000, 15_500]) expect(gainDb(hz, sampleRateHz), `${hz} Hz`).toBeLessThan(-59);
    expect(gainDb(8_500, sampleRateHz)).toBeLessThan(-25);
  });
});
