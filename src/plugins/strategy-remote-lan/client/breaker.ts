const FAILURES = 3;
const FIRST_OPEN_MS = 5_000;
const LONGEST_OPEN_MS = 60_000;

/** Keeps work away from a host that fails: three failures in a row, or one that is beyond doubt. Then one job tries whether it is well again. */
export class Breaker {
  #failures = 0;
  /** How often it opened since a job succeeded. */
  #openings = 0;
  #openUntilMs = 0;
  #isProbing = false;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openings === 0) return 'closed';
    return this.nowMs() < this.#openUntilMs ? 'open' : 'half-open';
  }

  /** Whether a job may go. */
  get allows(): boolean {
    return this.state === 'closed' || (this.state === 'half-open' && !this.#isProbing);
  }

  /** A job goes. */
  began(): void {
    if (this.state === 'half-open') this.#isProbing = true;
  }

  /** It ended without saying anything of the host: it was called off, or the media was to blame. */
  ended(): void {
    this.#isProbing = false;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#isProbing = false;
  }

  failed(): void {
    this.#failures++;
    if (this.state === 'half-open' || this.#failures >= FAILURES) this.trip();
  }

  /** Opens at once. */
  trip(): void {
    this.#isProbing = false;
    if (this.state === 'open') return;
    this.#openUntilMs = this.nowMs() + Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** this.#openings);
    this.#openings++;
    this.#failures = 0;
  }
}
