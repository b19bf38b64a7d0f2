/** Whoever can stop reading from the peer: its socket. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Reading stops while anyone holds it; several reasons may overlap. */
export class FlowGate {
  private readonly holders = new Set<object>();

  constructor(
    private readonly flow: Flow,
    private readonly released: () => void = () => undefined,
  ) {}

  get held(): boolean {
    return this.holders.size > 0;
  }

  /** Holds reading until the returned function is called; calling it twice is harmless. */
  hold(): () => void {
    const holder = {};
    this.holders.add(holder);
    if (this.holders.size === 1) this.flow.pause();
    return () => {
      if (!this.holders.delete(holder) || this.held) return;
      this.flow.resume();
      this.released();
    };
  }
}
