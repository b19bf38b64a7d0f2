import { importError } from '../../errors/import.errors.js';
import type { TakenTime } from '../../persistence/imports/import-store.js';

/** Clocks of cameras tell whole seconds: recordings that follow each other may seem to overlap by so much. */
const ROUNDING_MS = 2_000;

export interface WantedTime {
  /** As it was asked for, or as the file says; null: so that it ends now. */
  readonly startedAtMs: number | null;
  readonly durationMs: number;
  readonly nowMs: number;
}

/**
 * Where a recording lies on the wall clock, beside the others of its stream.
 * @param taken when the stream has recordings
 * @throws VD_IMPORT_OVERLAPS
 */
export function placeRecording({ startedAtMs, durationMs, nowMs }: WantedTime, taken: readonly TakenTime[]): number {
  if (startedAtMs === null) return latestFree(nowMs, durationMs, taken);
  const overlaps = (fromMs: number): TakenTime | undefined =>
    taken.find((other) => other.startedAtMs < fromMs + durationMs && other.endedAtMs > fromMs);
  const other = overlaps(startedAtMs);
  if (other === undefined) return startedAtMs;
  const afterwardsMs = Math.ceil(other.endedAtMs);
  if (afterwardsMs - startedAtMs <= ROUNDING_MS && overlaps(afterwardsMs) === undefined) return afterwardsMs;
  const clock = (ms: number): string => new Date(ms).toISOString();
  throw importError(
    'VD_IMPORT_OVERLAPS',
    `It would lie from ${clock(startedAtMs)} to ${clock(startedAtMs + durationMs)}; there is one from ${clock(other.startedAtMs)} to ` +
      clock(other.endedAtMs),
  );
}

function latestFree(nowMs: number, durationMs: number, taken: readonly TakenTime[]): number {
  const latestFirst = [...taken].sort((a, b) => b.endedAtMs - a.endedAtMs);
  let endMs = nowMs;
  for (const other of latestFirst) if (other.endedAtMs > endMs - durationMs) endMs = Math.min(endMs, other.startedAtMs);
  return Math.floor(endMs - durationMs);
}
