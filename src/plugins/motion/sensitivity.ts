import type { Thresholds } from './regions.js';

/** Between what 0 and what 1 means, on a scale of factors. */
const between = (least: number, most: number, sensitivity: number): number => least * (most / least) ** sensitivity;

/** Deviation in levels of 255 that counts on top of noise. */
export const floorFor = (sensitivity: number): number => between(4, 0.5, sensitivity);

/** Multiples of noise and floor together. */
export function thresholdsFor(sensitivity: number): Thresholds {
  const strong = between(7, 2, sensitivity);
  return { strong, weak: strong / 2 };
}
