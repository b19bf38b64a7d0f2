import { describe, expect, it } from 'vitest';
import type { EvidenceWire } from '../../wire/evidence.wire.js';
import { AppearanceEvidence } from './appearance-evidence.js';

const whole = { x: 0, y: 0, width: 1, height: 1 };
const kept = (ptsUs: number, rank: number, subjectId = 'b', epochId = 'e') => ({
  epochId,
  subjectId,
  evidence: { eventId: `${ptsUs}`, url: '', ptsUs, rank, box: whole, region: whole, widthPx: 1, heightPx: 1 } satisfies EvidenceWire,
});
const appearance = (startPtsUs: number, endPtsUs: number) => ({ epochId: 'e', subjectId: 'b', startPtsUs, endPtsUs });

describe(AppearanceEvidence.name, () => {
  const evidence = new AppearanceEvidence([
    kept(90, 0.2),
    kept(10, 0.5),
    kept(30, 0.9),
    kept(30, 1, 'other'),
    kept(30, 1, 'b', 'f'),
    kept(50, 0.4),
  ]);

  it('gives the best of those that were taken while it lasted, of its brand and session', () => {
    expect(evidence.of(appearance(0, 100))).toMatchObject({ ptsUs: 30, rank: 0.9 });
    expect(evidence.of(appearance(31, 100))).toMatchObject({ ptsUs: 50 });
    expect(evidence.of(appearance(50, 51))).toMatchObject({ ptsUs: 50 });
  });

  it('gives none where none was taken', () => {
    expect(evidence.of(appearance(11, 30))).toBeNull();
    expect(evidence.of(appearance(91, 100))).toBeNull();
    expect(evidence.of({ ...appearance(0, 100), subjectId: 'nobody' })).toBeNull();
  });
});
