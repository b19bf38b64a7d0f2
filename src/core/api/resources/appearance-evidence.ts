import type { Appearance } from '../../exposure/exposure-meter.js';
import type { SubjectEvidence } from '../../persistence/read/evidence-reads.js';
import type { EvidenceWire } from '../../wire/evidence.wire.js';

/** Finds the picture of an appearance, which is added up anew for each report, among those that were kept of events. */
export class AppearanceEvidence {
  /** In pts order. */
  private readonly bySubject = new Map<string, EvidenceWire[]>();

  constructor(kept: readonly SubjectEvidence[]) {
    for (const [key, group] of Map.groupBy(kept, keyOf)) {
      this.bySubject.set(
        key,
        group.map(({ evidence }) => evidence).sort((a, b) => a.ptsUs - b.ptsUs),
      );
    }
  }

  /** The best that was taken while it lasted. */
  of(appearance: Pick<Appearance, 'epochId' | 'subjectId' | 'startPtsUs' | 'endPtsUs'>): EvidenceWire | null {
    const kept = this.bySubject.get(keyOf(appearance)) ?? [];
    let best: EvidenceWire | null = null;
    for (let at = firstFrom(kept, appearance.startPtsUs); at < kept.length && kept[at]!.ptsUs < appearance.endPtsUs; at++) {
      if (best === null || kept[at]!.rank > best.rank) best = kept[at]!;
    }
    return best;
  }
}

const keyOf = ({ epochId, subjectId }: { readonly epochId: string; readonly subjectId: string }): string => `${epochId} ${subjectId}`;

function firstFrom(kept: readonly EvidenceWire[], ptsUs: number): number {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (kept[middle]!.ptsUs < ptsUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
