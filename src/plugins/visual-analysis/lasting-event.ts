import type { Emit, JsonObject, PtsUs } from 'vedette/plugin';

export interface LastingEventState extends JsonObject {
  /** Since when the condition holds; null when it does not. */
  sinceUs: PtsUs | null;
  /** Whether it has held long enough to be reported. */
  open: boolean;
  /** Since when it has not held, while that may yet be a passing lapse. */
  lapsedUs: PtsUs | null;
}

/**
 * A condition that must hold for a while before it is an event. The event then starts where the condition began, be that in an
 * earlier segment, and ends with the first frame on which it no longer holds.
 */
export class LastingEvent {
  state: LastingEventState;

  constructor(
    private readonly name: string,
    /** Shorter ones are no event. */
    private readonly minDurationUs: number,
    private readonly epochId: string,
    state?: LastingEventState,
    /** A lapse no longer than this does not end it. */
    private readonly patienceUs = 0,
  ) {
    this.state = { sinceUs: null, open: false, lapsedUs: null, ...state };
  }

  get isHolding(): boolean {
    return this.state.sinceUs !== null;
  }

  /**
   * @param data said of the event when it is reported
   * @param isSure false while it holds, but may not be reported yet for another reason than its length
   */
  update(holds: boolean, ptsUs: PtsUs, emit: Emit, data?: JsonObject, isSure = true): void {
    if (!holds) return this.lapse(ptsUs, emit);
    this.state.lapsedUs = null;
    const sinceUs = (this.state.sinceUs ??= ptsUs);
    if (this.state.open || !isSure || ptsUs - sinceUs < this.minDurationUs) return;
    this.state.open = true;
    emit({ type: 'event', phase: 'start', name: this.name, key: this.key(sinceUs), ptsUs: sinceUs, ...(data ? { data } : {}) });
  }

  /** Ends it here, or where it was last seen to lapse. */
  end(ptsUs: PtsUs, emit: Emit): void {
    const { sinceUs, open, lapsedUs } = this.state;
    this.state = { sinceUs: null, open: false, lapsedUs: null };
    if (!open || sinceUs === null) return;
    emit({ type: 'event', phase: 'end', name: this.name, key: this.key(sinceUs), ptsUs: lapsedUs ?? ptsUs });
  }

  private lapse(ptsUs: PtsUs, emit: Emit): void {
    if (this.state.sinceUs === null) return;
    const lapsedUs = (this.state.lapsedUs ??= ptsUs);
    if (ptsUs - lapsedUs >= this.patienceUs) this.end(ptsUs, emit);
  }

  private key(sinceUs: PtsUs): string {
    return `${this.name}:${this.epochId}:${sinceUs}`;
  }
}
