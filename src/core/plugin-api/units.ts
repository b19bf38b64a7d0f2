import { z } from 'zod';

// Units of configuration, for every schema: core, plugins and adapters write "10s" and "8MB" alike.

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const MS: Record<string, number> = { ms: 1, s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const BYTES: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A duration with its unit, "250ms", "10s", "5m", "24h", "7d"; parsed to milliseconds. Bare numbers are refused. */
export const durationMs = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a duration with its unit, such as "250ms", "10s" or "24h"')
  .transform((text) => Number.parseFloat(text) * (MS[text.replace(/[\d.]/g, '')] ?? Number.NaN));

/** A size with its unit, "64kB", "8MB", "20GiB"; parsed to bytes. Bare numbers are refused. */
export const sizeBytes = z
  .string()
  .regex(/^\d+(\.\d+)?(B|kB|MB|GB|TB|KiB|MiB|GiB)$/, 'a size with its unit, such as "64kB" or "8MB"')
  .transform((text) => Math.round(Number.parseFloat(text) * (BYTES[text.replace(/[\d.]/g, '')] ?? Number.NaN)));
