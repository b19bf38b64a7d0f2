import { beginsWithStartCode, behindLengths, nalUnits } from '../codec/nal.js';

/** NAL units behind start codes (Annex B), each behind its length in four bytes instead. */
export const lengthPrefixed = (annexB: Buffer): Buffer => behindLengths(nalUnits(annexB));

/** Whether a decoder configuration is parameter sets behind start codes, and so are the frames. */
export const isAnnexB = (configuration: Buffer | null): boolean =>
  configuration === null || configuration.length < 4 || beginsWithStartCode(configuration);
