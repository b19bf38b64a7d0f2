import { ExposureSum, rounded, type ExposureFigures } from './exposure-sum.js';
import { gridCell } from './formula.js';
import { HeatMap } from './heat-map.js';
import { glimpseOf, type BrandGlimpse, type Sighting } from './brand-sighting.js';

export interface ExposureOptions {
  /** A brand out of sight for longer than this and back again makes another appearance. */
  readonly maxGapMs: number;
  /** Width of a bucket of the time series; absent: no series. */
  readonly bucketMs?: number;
  /** Media beyond this instant (wall clock) does not count. */
  readonly toMs?: number;
}

/** From when to when a brand was in sight without a break. */
export interface Appearance extends ExposureFigures {
  readonly subjectId: string;
  readonly label: string;
  readonly epochId: string;
  readonly startPtsUs: number;
  /** Where the last frame's time ends. */
  readonly endPtsUs: number;
  readonly startAtMs: number;
  readonly endAtMs: number;
}

export interface BrandExposure extends ExposureFigures {
  readonly subjectId: string;
  readonly label: string;
  readonly appearances: number;
  /** Its part of all brands' visible seconds, 0..1. */
  readonly shareOfVoice: number;
  /** Its part of all brands' weighted seconds, 0..1. */
  readonly weightedShareOfVoice: number;
  /** Seconds per cell of a 32x18 grid, row by row. */
  readonly heat: readonly number[];
}

export interface ExposureReport {
  readonly brands: readonly BrandExposure[];
  readonly appearances: readonly Appearance[];
  /** Per bucket of time in which something was seen, in order: seconds by brand. */
  readonly series: readonly { readonly startAtMs: number; readonly seconds: Readonly<Record<string, number>> }[];
}

interface OpenAppearance {
  readonly sum: ExposureSum;
  readonly first: BrandGlimpse;
  /** Where the time of its last frame ends. */
  endUs: number;
}

interface Brand {
  label: string;
  readonly sum: ExposureSum;
  readonly heat: HeatMap;
  open: OpenAppearance | undefined;
  /** Media up to here has been counted: frames may lie closer together than the time each stands for. */
  countedToUs: number;
  countedEpoch: string;
  appearances: number;
}

/** Turns sightings into exposure figures. Sightings of one stream, in the order of media. */
export class ExposureMeter {
  private readonly brands = new Map<string, Brand>();
  private readonly appearances: Appearance[] = [];
  private readonly series = new Map<number, Map<string, number>>();
  private frame: Sighting[] = [];

  constructor(private readonly options: ExposureOptions) {}

  add(sighting: Sighting): void {
    const [first] = this.frame;
    if (first !== undefined && (first.ptsUs !== sighting.ptsUs || first.epochId !== sighting.epochId)) this.count();
    this.frame.push(sighting);
  }

  /** What is kept so far: brands with their heat maps, and appearances. */
  get size(): { readonly brands: number; readonly appearances: number } {
    return { brands: this.brands.size, appearances: this.appearances.length };
  }

  /** Ends what is open and adds it all up; nothing may be added afterwards. */
  finish(): ExposureReport {
    this.count();
    for (const [subjectId, brand] of this.brands) this.end(subjectId, brand);
    const total = [...this.brands.values()].map(({ sum }) => sum.figures());
    const allSeconds = total.reduce((sum, one) => sum + one.visibleSeconds, 0);
    const allWeighted = total.reduce((sum, one) => sum + one.weightedSeconds, 0);
    const brands = [...this.brands].map(([subjectId, brand], i) => ({
      subjectId,
      label: brand.label,
      ...total[i]!,
      appearances: brand.appearances,
      shareOfVoice: allSeconds > 0 ? rounded(total[i]!.visibleSeconds / allSeconds) : 0,
      weightedShareOfVoice: allWeighted > 0 ? rounded(total[i]!.weightedSeconds / allWeighted) : 0,
      heat: brand.heat.values(),
    }));
    return {
      brands: brands.sort((a, b) => b.visibleSeconds - a.visibleSeconds || (a.label < b.label ? -1 : 1)),
      appearances: this.appearances.sort((a, b) => a.startAtMs - b.startAtMs || (a.label < b.label ? -1 : 1)),
      series: [...this.series]
        .sort(([a], [b]) => a - b)
        .map(([startAtMs, seconds]) => ({
          startAtMs,
          seconds: Object.fromEntries([...seconds].map(([id, value]) => [id, rounded(value)])),
        })),
    };
  }

  private count(): void {
    const bySubject = new Map<string, Sighting[]>();
    for (const sighting of this.frame) {
      const known = bySubject.get(sighting.subjectId);
      if (known === undefined) bySubject.set(sighting.subjectId, [sighting]);
      else known.push(sighting);
    }
    this.frame = [];
    for (const [subjectId, sightings] of bySubject) {
      const brand = this.brand(subjectId, sightings[0]!);
      const glimpse = glimpseOf(sightings, this.uncounted(brand, sightings), bySubject.size - 1, gridCell);
      if (glimpse.seconds <= 0) continue;
      brand.sum.add(glimpse);
      brand.heat.add(glimpse.boxes, glimpse.seconds);
      this.continue(subjectId, brand, glimpse);
      this.bucket(subjectId, glimpse);
    }
  }

  private brand(subjectId: string, { label }: Sighting): Brand {
    const known = this.brands.get(subjectId);
    if (known !== undefined) {
      known.label = label; // the newest name: brands may be renamed
      return known;
    }
    const made: Brand = {
      label,
      sum: new ExposureSum(),
      heat: new HeatMap(),
      open: undefined,
      countedToUs: 0,
      countedEpoch: '',
      appearances: 0,
    };
    this.brands.set(subjectId, made);
    return made;
  }

  /** Seconds this frame stands for that no earlier one did, within the range. */
  private uncounted(brand: Brand, sightings: readonly Sighting[]): number {
    const { epochId, ptsUs, atMs } = sightings[0]!;
    const sampleUs = Math.max(...sightings.map(({ sampleMs }) => sampleMs)) * 1000;
    const limitUs = this.options.toMs === undefined ? sampleUs : Math.min(sampleUs, (this.options.toMs - atMs) * 1000);
    const from = brand.countedEpoch === epochId ? Math.max(ptsUs, brand.countedToUs) : ptsUs;
    const to = ptsUs + limitUs;
    if (to <= from) return 0;
    brand.countedEpoch = epochId;
    brand.countedToUs = to;
    return (to - from) / 1e6;
  }

  private continue(subjectId: string, brand: Brand, glimpse: BrandGlimpse): void {
    const { open } = brand;
    const goesOn =
      open !== undefined && open.first.epochId === glimpse.epochId && glimpse.ptsUs - open.endUs <= this.options.maxGapMs * 1000;
    if (goesOn) {
      open.endUs = brand.countedToUs;
      open.sum.add(glimpse);
      return;
    }
    this.end(subjectId, brand);
    const sum = new ExposureSum();
    sum.add(glimpse);
    brand.open = { sum, first: glimpse, endUs: brand.countedToUs };
    brand.appearances++;
  }

  private end(subjectId: string, brand: Brand): void {
    const { open } = brand;
    if (open === undefined) return;
    brand.open = undefined;
    this.appearances.push({
      subjectId,
      label: brand.label,
      epochId: open.first.epochId,
      startPtsUs: open.first.ptsUs,
      endPtsUs: Math.round(open.endUs),
      startAtMs: open.first.atMs,
      endAtMs: open.first.atMs + (open.endUs - open.first.ptsUs) / 1000,
      ...open.sum.figures(),
    });
  }

  private bucket(subjectId: string, { atMs, seconds }: BrandGlimpse): void {
    const { bucketMs } = this.options;
    if (bucketMs === undefined) return;
    const startAtMs = Math.floor(atMs / bucketMs) * bucketMs;
    const bucket = this.series.get(startAtMs) ?? new Map<string, number>();
    bucket.set(subjectId, (bucket.get(subjectId) ?? 0) + seconds);
    this.series.set(startAtMs, bucket);
  }
}
