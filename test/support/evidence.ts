import type { EvidenceResult, EventResult } from '../../src/core/plugin-api/index.js';

/** Begins as a JPEG does, and says which it is. */
export const jpegSaying = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);

export function evidenceOf(key: string, ptsUs: number, rank: number, jpeg = jpegSaying(`${key} at ${ptsUs}`)): EvidenceResult {
  const box = { x: 0.5, y: 0.25, width: 0.125, height: 0.125 };
  const region = { x: 0.375, y: 0.125, width: 0.375, height: 0.375 };
  return { type: 'evidence', key, ptsUs, box, rank, picture: { jpegBase64: jpeg.toString('base64'), widthPx: 480, heightPx: 270, region } };
}

export const eventOf = (key: string, phase: EventResult['phase'], ptsUs: number, data?: EventResult['data']): EventResult => ({
  type: 'event',
  phase,
  key,
  name: 'seen',
  ptsUs,
  ...(data === undefined ? {} : { data }),
});
