import { durationMs, RESULT_LIMITS, sizeBytes, z } from 'vedette/plugin';
import { cloudError } from './errors.js';

/** An amount in the currency of the operator's choice: that of the prices is that of the budgets. */
export const amount = z.number().min(0);
const share = z.number().min(0).max(1);
const name = z.string().min(1).max(RESULT_LIMITS.nameLength);

/** What all providers have in common. Every key has a default: a strategy that nobody prefers needs no config. */
export const commonSettings = {
  /** Which pictures are sent, and how large. */
  pictures: z
    .strictObject({
      /** Pictures per second of media. */
      fps: z.number().min(0.01).max(10).default(0.5),
      /** At most so many of one segment. */
      maxPictures: z.number().int().min(1).max(64).default(4),
      /** Longer side at most; never enlarged. */
      maxSidePx: z.number().int().min(64).max(4096).default(1024),
      /** JPEG quality; it is lowered, then the size, until `maxBytes` holds. */
      quality: z.number().int().min(40).max(100).default(80),
      maxBytes: sizeBytes.refine((bytes) => bytes >= 4_000 && bytes <= 4_000_000, '4kB to 4MB').prefault('500kB'),
    })
    .prefault({}),
  /** What may be spent in all, whichever analyzers ask; days and months are UTC. */
  budget: z.strictObject({ perDay: amount.positive().optional(), perMonth: amount.positive().optional() }).prefault({ perDay: 1 }),
  /** For one request, from its first byte to the answer's last. */
  timeout: durationMs.prefault('15s'),
  /** For a job: what would not be done by then is not begun. */
  jobTimeout: durationMs.prefault('45s'),
  /** Tries after the first, of a request that failed in a way that may pass. Each of them counts as spent. */
  retries: z.number().int().min(0).max(5).default(1),
  /** Requests under way at once, per job. */
  concurrency: z.number().int().min(1).max(16).default(4),
  /** Results below it are dropped. */
  minScore: share.default(0.5),
  labels: z
    .strictObject({
      /** Report these only; absent: those the analyzer's own config names, or all. */
      only: z.array(name).min(1).max(1000).optional(),
      /** What the provider calls it: what it is called here. */
      rename: z.record(z.string(), name).default({}),
    })
    .prefault({}),
} as const;

export type CommonSettings = { readonly [Key in keyof typeof commonSettings]: z.output<(typeof commonSettings)[Key]> };

/**
 * A value that only a strategy in use needs.
 * @throws VD_CLOUD_NOT_CONFIGURED
 */
export function required<T>(value: T | undefined, strategyId: string, key: string, example: string): T {
  if (value === undefined)
    throw cloudError('VD_CLOUD_NOT_CONFIGURED', `strategies.${strategyId}.${key} is not set; for example: ${key}: ${example}`);
  return value;
}
