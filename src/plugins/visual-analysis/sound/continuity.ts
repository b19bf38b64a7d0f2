import type { AudioBlock, PtsUs } from 'vedette/plugin';

/** A block that begins this far from where the last one ended does not follow it. */
const CONTINUITY_US = 10_000;

/** Pts of the sample after the block's last one. */
export const endOf = ({ ptsUs, sampleCount, sampleRateHz }: AudioBlock): PtsUs => ptsUs + (sampleCount * 1e6) / sampleRateHz;

/** @param nextUs where the sound before ended; null where there was none */
export const follows = ({ ptsUs }: AudioBlock, nextUs: PtsUs | null): boolean =>
  nextUs !== null && Math.abs(ptsUs - nextUs) <= CONTINUITY_US;
