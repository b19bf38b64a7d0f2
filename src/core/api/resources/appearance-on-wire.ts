import type { Appearance } from '../../exposure/exposure-meter.js';
import type { ExposureReportWire } from '../../wire/exposure.wire.js';
import type { AppearanceEvidence } from './appearance-evidence.js';

/** With the best picture that was kept of it. */
export function appearanceOnWire(one: Appearance, evidence: AppearanceEvidence): ExposureReportWire['appearances'][number] {
  const { startAtMs, endAtMs, gridSeconds, ...rest } = one;
  return {
    ...rest,
    gridSeconds: [...gridSeconds],
    startAt: new Date(startAtMs).toISOString(),
    endAt: new Date(endAtMs).toISOString(),
    evidence: evidence.of(one),
  };
}
