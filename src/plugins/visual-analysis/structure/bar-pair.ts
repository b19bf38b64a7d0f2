import type { Emit, JsonObject, JsonValue, PtsUs } from 'vedette/plugin';
import type { LastingEvent } from '../lasting-event.js';

/** Bars that moved by no more than this are the same bars. */
const SAME_PX = 2;

/** Two black bars on opposite sides, which stay where they are while they last. */
export class BarPair {
  private sides: { readonly near: number; readonly far: number } | null;

  constructor(
    private readonly event: LastingEvent,
    saved?: JsonValue,
  ) {
    this.sides = (saved as { near: number; far: number } | null | undefined) ?? null;
  }

  /**
   * @param near black lines on the top or left, `far` on the bottom or right
   * @param least both together, for them to be bars
   */
  judge(near: number, far: number, least: number, ptsUs: PtsUs, emit: Emit, data: JsonObject): void {
    const known = this.sides;
    const isDarker = known !== null && (near > known.near + SAME_PX || far > known.far + SAME_PX);
    const isBrighter = known !== null && (near < known.near - SAME_PX || far < known.far - SAME_PX);
    // A dark scene between known bars: they are still there, it only looks as if they had grown.
    if (isDarker && !isBrighter && this.event.state.open) return;
    if (isDarker || isBrighter) this.event.end(ptsUs, emit);
    if (known === null || isDarker || isBrighter) this.sides = { near, far };
    this.event.update(near > SAME_PX && far > SAME_PX && near + far >= least, ptsUs, emit, data);
  }

  forget(): void {
    this.sides = null;
  }

  checkpoint(): JsonValue {
    return this.sides === null ? null : { ...this.sides };
  }
}
