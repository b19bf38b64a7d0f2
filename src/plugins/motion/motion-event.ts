import type { Emit, JsonObject, JsonValue, PtsUs } from 'vedette/plugin';

/** Motion as something that lasts: begins where it was first seen, once it has lasted; ends where it was last seen, once it is quiet. */
export class MotionEvent {
  private sinceUs: PtsUs | null = null;
  private lastUs: PtsUs | null = null;
  private isOpen = false;

  constructor(
    private readonly epochId: string,
    private readonly times: { readonly minDurationUs: number; readonly quietUs: number },
    saved?: JsonValue,
  ) {
    const state = (saved ?? {}) as JsonObject;
    this.sinceUs = typeof state['sinceUs'] === 'number' ? state['sinceUs'] : null;
    this.lastUs = typeof state['lastUs'] === 'number' ? state['lastUs'] : null;
    this.isOpen = state['open'] === true;
  }

  frame(isMoving: boolean, ptsUs: PtsUs, emit: Emit): void {
    if (!isMoving) {
      // Before it counts, a moment of stillness is enough to forget it.
      if (this.lastUs !== null && ptsUs - this.lastUs >= (this.isOpen ? this.times.quietUs : this.times.minDurationUs)) this.end(emit);
      return;
    }
    this.sinceUs ??= ptsUs;
    this.lastUs = ptsUs;
    if (this.isOpen || ptsUs - this.sinceUs < this.times.minDurationUs) return;
    this.isOpen = true;
    this.emit('start', this.sinceUs, emit);
  }

  end(emit: Emit): void {
    if (this.isOpen && this.lastUs !== null) this.emit('end', this.lastUs, emit);
    [this.sinceUs, this.lastUs, this.isOpen] = [null, null, false];
  }

  state(): JsonObject {
    return { sinceUs: this.sinceUs, lastUs: this.lastUs, open: this.isOpen };
  }

  private emit(phase: 'start' | 'end', ptsUs: PtsUs, emit: Emit): void {
    emit({ type: 'event', phase, name: 'motion', key: `motion:${this.epochId}:${this.sinceUs}`, ptsUs });
  }
}
