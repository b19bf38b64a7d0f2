import { z } from 'zod';
import { durationMs, sizeBytes } from './duration.js';

/** Clips that people cut out of streams: how long and how large they may be, and for how long they are kept. */
export const clipsConfig = z.strictObject({
  maxAge: durationMs.prefault('7d').describe('Clips and cases are deleted so long after they were asked for'),
  maxSize: sizeBytes
    .prefault('20GB')
    .describe('All clips together; no more are made beyond this size. The free space of `retention.disk.floor` stays free'),
  maxDuration: durationMs.prefault('4h').describe('Longest range of one clip'),
  ffmpegPath: z.string().min(1).default('ffmpeg').describe('Program that writes MP4'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('URL at which people outside reach this server, with its path; share links begin with it. Absent: as their maker came in'),
});

export type ClipsConfig = z.output<typeof clipsConfig>;
