import type { Box01, Emit, JsonObject, PtsUs } from 'vedette/plugin';

/** Better by less than this is no reason to keep another picture. */
const WORTH_KEEPING = 1.15;

/** A brand that is being seen. Plain JSON, for the checkpoint. */
export interface Appearance extends JsonObject {
  subjectId: string;
  label: string;
  startPtsUs: PtsUs;
  lastPtsUs: PtsUs;
  /** Where the sample it was last seen on ends: the pts of the next sample; null until that is known. */
  endPtsUs: PtsUs | null;
  visibleMs: number;
  shareSum: number;
  peakShare: number;
  scoreSum: number;
  claritySum: number;
  samples: number;
  /** Rank of the picture that is kept of it, 0 before there is one. */
  keptRank: number;
  /** The best picture that this segment has of it, where it is better than the one that is kept. */
  better: Picture | null;
}

/** Where a brand shows best on a frame. */
export interface Picture extends JsonObject {
  ptsUs: PtsUs;
  box: { x: number; y: number; width: number; height: number };
  rank: number;
}

/** What one sample says of one brand: the sum of its shares, the best of the rest. */
export interface BrandSample {
  readonly subjectId: string;
  readonly label: string;
  readonly share: number;
  readonly score: number;
  readonly clarity: number;
  /** Of its logos the one that makes the best picture; absent where pictures are not kept. */
  readonly best?: { readonly box: Box01; readonly rank: number };
}

/** Turns samples into appearances, as events that start, are updated once a segment and end. */
export class Appearances {
  private readonly openBySubject: Map<string, Appearance>;

  constructor(
    private readonly epochId: string,
    private readonly maxGapUs: number,
    open: readonly Appearance[] = [],
  ) {
    this.openBySubject = new Map(open.map((appearance) => [appearance.subjectId, { ...appearance }]));
  }

  get open(): Appearance[] {
    return [...this.openBySubject.values()].map((appearance) => ({ ...appearance }));
  }

  /** Samples come in pts order. */
  sample(ptsUs: PtsUs, sampleMs: number, brands: readonly BrandSample[], emit: Emit): void {
    const seen = new Map(brands.map((brand) => [brand.subjectId, brand]));
    for (const appearance of [...this.openBySubject.values()]) {
      appearance.endPtsUs ??= ptsUs;
      if (
        ptsUs - appearance.endPtsUs > this.maxGapUs ||
        (!seen.has(appearance.subjectId) && ptsUs - appearance.endPtsUs >= this.maxGapUs)
      ) {
        this.end(appearance, appearance.endPtsUs, emit);
      }
    }
    for (const brand of seen.values()) this.see(brand, ptsUs, sampleMs, emit);
  }

  /** Once a segment. */
  update(ptsUs: PtsUs, emit: Emit): void {
    for (const appearance of this.openBySubject.values()) {
      const { lastPtsUs, startPtsUs, better } = appearance;
      if ((lastPtsUs === ptsUs || better !== null) && startPtsUs < lastPtsUs)
        emit({ ...this.event(appearance), phase: 'update', ptsUs: lastPtsUs });
      this.keepPicture(appearance, emit);
    }
  }

  /** Nothing is known of what comes next. */
  endAll(emit: Emit): void {
    for (const appearance of [...this.openBySubject.values()]) this.end(appearance, appearance.endPtsUs ?? appearance.lastPtsUs, emit);
  }

  private see({ subjectId, label, share, score, clarity, best }: BrandSample, ptsUs: PtsUs, sampleMs: number, emit: Emit): void {
    const known = this.openBySubject.get(subjectId);
    const appearance: Appearance = known ?? {
      subjectId,
      label,
      startPtsUs: ptsUs,
      lastPtsUs: ptsUs,
      endPtsUs: null,
      visibleMs: 0,
      shareSum: 0,
      peakShare: 0,
      scoreSum: 0,
      claritySum: 0,
      samples: 0,
      keptRank: 0,
      better: null,
    };
    appearance.lastPtsUs = ptsUs;
    appearance.endPtsUs = null;
    appearance.visibleMs += sampleMs;
    appearance.shareSum += share;
    appearance.peakShare = Math.max(appearance.peakShare, share);
    appearance.scoreSum += score;
    appearance.claritySum += clarity;
    appearance.samples++;
    if (best !== undefined && best.rank > Math.max(appearance.keptRank * WORTH_KEEPING, appearance.better?.rank ?? 0)) {
      const { x, y, width, height } = best.box;
      appearance.better = { ptsUs, rank: best.rank, box: { x, y, width, height } };
    }
    if (known !== undefined) return;
    this.openBySubject.set(subjectId, appearance);
    emit({ ...this.event(appearance), phase: 'start', ptsUs });
  }

  private end(appearance: Appearance, ptsUs: PtsUs, emit: Emit): void {
    this.openBySubject.delete(appearance.subjectId);
    emit({ ...this.event(appearance), phase: 'end', ptsUs });
    this.keepPicture(appearance, emit);
  }

  private keepPicture(appearance: Appearance, emit: Emit): void {
    if (appearance.better === null) return;
    emit({ type: 'evidence', key: this.keyOf(appearance), ...appearance.better });
    appearance.keptRank = appearance.better.rank;
    appearance.better = null;
  }

  private keyOf({ subjectId, startPtsUs }: Appearance): string {
    return `logo:${this.epochId}:${subjectId}:${startPtsUs}`;
  }

  private event(appearance: Appearance) {
    const { subjectId, label, samples, ...sums } = appearance;
    const mean = (sum: number): number => rounded(sum / samples);
    return {
      type: 'event' as const,
      name: 'logo',
      key: this.keyOf(appearance),
      data: {
        label,
        subjectId,
        meanShare: mean(sums.shareSum),
        peakShare: rounded(sums.peakShare),
        meanScore: mean(sums.scoreSum),
        clarity: mean(sums.claritySum),
        visibleMs: Math.round(sums.visibleMs),
        samples,
      },
    };
  }
}

export const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;
