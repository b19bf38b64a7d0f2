import { DAY_MS } from 'vedette/plugin';
/** Nobody waits longer than this for a provider; what it asks for beyond it is taken as this. */
const LONGEST_MS = DAY_MS;

/**
 * How long an answer asks to be left alone: `retry-after-ms`, or `Retry-After` in seconds or as a date.
 * @returns undefined where it says nothing that makes sense
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact)) return bounded(exact);
  const written = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(written)) return bounded(Number(written) * 1000);
  // Without a weekday's letters it is no HTTP date; the parser would take almost anything.
  const dateMs = /^[A-Za-z]{3,9},? /.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : bounded(dateMs - nowMs);
}

const bounded = (ms: number): number => Math.min(LONGEST_MS, Math.max(0, ms));
