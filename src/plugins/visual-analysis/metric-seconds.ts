import type { Emit, JsonObject, JsonValue, PtsUs } from 'vedette/plugin';

/** How a metric's samples of one span become its value, and the value's unit. */
export interface MetricKind {
  readonly unit: string;
  readonly of: 'mean' | 'max';
}

/** Sampling takes a frame up to a millisecond ahead of its grid point for one that is on it; so do the spans. */
const GRID_TOLERANCE_US = 1_000;

interface Sum {
  sum: number;
  count: number;
  max: number;
}

/**
 * Gathers what is measured of every picture into one value per span of media time, so that a table of metrics grows by the
 * second and not by the frame. Spans lie on a grid from pts 0, whatever the segments; a value stands at the first picture of
 * its span, and is emitted as soon as no picture of the span can come any more.
 */
export class MetricSeconds<Name extends string> {
  private span: number | null;
  private ptsUs: PtsUs;
  private readonly sums: Partial<Record<Name, Sum>>;

  constructor(
    private readonly everyUs: number,
    private readonly kinds: Readonly<Record<Name, MetricKind>>,
    saved?: JsonValue,
  ) {
    const state = (saved ?? { span: null, ptsUs: 0, sums: {} }) as { span: number | null; ptsUs: number; sums: Partial<Record<Name, Sum>> };
    this.span = state.span;
    this.ptsUs = state.ptsUs;
    this.sums = structuredClone(state.sums);
  }

  /** Says that a picture of `ptsUs` is next; ends the span before where the picture is of another. */
  begin(ptsUs: PtsUs, emit: Emit): void {
    const span = this.spanOf(ptsUs);
    if (span === this.span) return;
    this.flush(emit);
    this.span = span;
    this.ptsUs = ptsUs;
  }

  add(name: Name, value: number): void {
    const sum = (this.sums[name] ??= { sum: 0, count: 0, max: -Infinity });
    sum.sum += value;
    sum.count++;
    sum.max = Math.max(sum.max, value);
  }

  /** No picture before `ptsUs` will come any more. */
  passed(ptsUs: PtsUs, emit: Emit): void {
    if (this.span !== null && this.spanOf(ptsUs) > this.span) this.flush(emit);
  }

  flush(emit: Emit): void {
    if (this.span === null) return;
    for (const name of Object.keys(this.kinds) as Name[]) {
      const sum = this.sums[name];
      if (sum === undefined) continue;
      const { of, unit } = this.kinds[name];
      emit({ type: 'metric', ptsUs: this.ptsUs, name, value: of === 'mean' ? sum.sum / sum.count : sum.max, unit });
      delete this.sums[name];
    }
    this.span = null;
  }

  checkpoint(): JsonObject {
    return { span: this.span, ptsUs: this.ptsUs, sums: structuredClone(this.sums) as unknown as JsonObject };
  }

  private spanOf(ptsUs: PtsUs): number {
    return Math.floor((ptsUs + GRID_TOLERANCE_US) / this.everyUs);
  }
}
