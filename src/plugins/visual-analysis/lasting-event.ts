import type { Emit, JsonObject, PtsUs } from 'vedette/plugin';

export interface LastingEventState extends JsonObject {
  /** Since when the condition holds; null when it does not. */
  sinceUs: PtsUs | null;
  /** Whether it has held long enough to be reported. */
  open: boolean;
}

/**
 * A condition that must hold for a while before it is an event. The event then starts where the condition began, be that in an
 * earlier segment, and ends with the first frame on which it no longer holds.
 */
export class LastingEvent {
  state: LastingEventState;

  constructor(
    private readonly name: string,
    private readonly minDurationUs: number,
    private readonly epochId: string,
    state: LastingEventState = { sinceUs: null, open: false },
  ) {
    this.state = { ...state };
  }

  get isHolding(): boolean {
    return this.state.sinceUs !== null;
  }

  update(holds: boolean, ptsUs: PtsUs, emit: Emit): void {
    if (!holds) return this.end(ptsUs, emit);
    const sinceUs = (this.state.sinceUs ??= ptsUs);
    if (this.state.open || ptsUs - sinceUs < this.minDurationUs) return;
    this.state.open = true;
    emit({ type: 'event', phase: 'start', name: this.name, key: this.#key(sinceUs), ptsUs: sinceUs });
  }

  end(ptsUs: PtsUs, emit: Emit): void {
    const { sinceUs, open } = this.state;
    this.state = { sinceUs: null, open: false };
    if (!open || sinceUs === null) return;
    emit({ type: 'event', phase: 'end', name: this.name, key: this.#key(sinceUs), ptsUs });
  }

  #key(sinceUs: PtsUs): string {
    return `${this.name}:${this.epochId}:${sinceUs}`;
  }
}
