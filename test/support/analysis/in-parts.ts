import type { AnalysisResult, Emit, JsonObject, ObservationResult, PtsUs } from '../../../src/core/plugin-api/index.js';

/** Well below what one result may hold. */
const PART_CHARS = 60_000;

/** Bytes as several artifacts in a row, since one result does not hold them. */
export function emitInParts(emit: Emit, ptsUs: PtsUs, facts: JsonObject, bytes: Uint8Array): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const parts = Math.max(1, Math.ceil(text.length / PART_CHARS));
  for (let part = 0; part < parts; part++)
    emit({ type: 'artifact', ptsUs, data: { ...facts, parts, bytes: text.slice(part * PART_CHARS, (part + 1) * PART_CHARS) } });
}

/** What {@link emitInParts} emitted, put together again. */
export function inWhole<Facts>(results: readonly AnalysisResult[]): { ptsUs: PtsUs; facts: Facts; bytes: Uint8Array }[] {
  const artifacts = results.filter((result): result is ObservationResult => result.type === 'artifact');
  const whole: { ptsUs: PtsUs; facts: Facts; bytes: Uint8Array }[] = [];
  for (let at = 0; at < artifacts.length;) {
    const { ptsUs, data } = artifacts[at]!;
    const { parts, bytes: _, ...facts } = data as JsonObject & { parts: number };
    const text = artifacts.slice(at, at + parts).map((part) => String(part.data['bytes']));
    whole.push({ ptsUs, facts: facts as Facts, bytes: Uint8Array.from(Buffer.from(text.join(''), 'base64')) });
    at += parts;
  }
  return whole;
}
