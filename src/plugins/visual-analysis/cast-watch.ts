import type { Emit, JsonValue, PtsUs } from 'vedette/plugin';
import type { CastVector } from './colour-cast.js';
import type { LastingEvent } from './lasting-event.js';

/** Cosine of the largest angle between a picture's cast and that of the pictures before it. */
const SAME_HUE = Math.cos((40 * Math.PI) / 180);

export interface CastRules {
  /** Distance from neutral, Delta E*ab. */
  readonly minCast: number;
  readonly minScenes: number;
}

interface CastRun {
  readonly a: number;
  readonly b: number;
  readonly pictures: number;
  readonly scenes: number;
}

/**
 * Tells a cast from a coloured scene by what one picture cannot show: a cast tints every scene alike. Only when several scenes
 * in a row lean to the same hue is it an event, which then began with the first of them.
 */
export class CastWatch {
  private run: CastRun | null;

  constructor(
    private readonly rules: CastRules,
    private readonly event: LastingEvent,
    saved?: JsonValue,
  ) {
    this.run = (saved as CastRun | null | undefined) ?? null;
  }

  /** @param isNewScene the picture is the first after a cut */
  judge(cast: CastVector | null, isNewScene: boolean, ptsUs: PtsUs, emit: Emit): void {
    // Too dark to tell: what lasts goes on.
    if (cast === null) return;
    const isCast = Math.hypot(cast.a, cast.b) >= this.rules.minCast;
    const known = this.run;
    if (known !== null && !(isCast && sameHue(known, cast))) {
      this.run = null;
      this.event.end(ptsUs, emit);
    }
    if (!isCast) return;
    const { a, b, pictures, scenes } = this.run ?? { a: 0, b: 0, pictures: 0, scenes: 0 };
    this.run = { a: a + cast.a, b: b + cast.b, pictures: pictures + 1, scenes: scenes + (scenes === 0 || isNewScene ? 1 : 0) };
    const run = this.run;
    const data = { a: Math.round(run.a / run.pictures), b: Math.round(run.b / run.pictures), scenes: run.scenes };
    this.event.update(true, ptsUs, emit, data, run.scenes >= this.rules.minScenes);
  }

  forget(): void {
    this.run = null;
  }

  checkpoint(): JsonValue {
    return this.run === null ? null : { ...this.run };
  }
}

function sameHue(run: CastRun, cast: CastVector): boolean {
  return run.a * cast.a + run.b * cast.b >= SAME_HUE * Math.hypot(run.a, run.b) * Math.hypot(cast.a, cast.b);
}
