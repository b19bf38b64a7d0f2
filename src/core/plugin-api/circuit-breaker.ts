const FAILURES_TO_OPEN = 3;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Keeps what fails out of the way: three failures in a row rest it for five seconds, then one job tries whether it is back, and each
 * failure of such a trial doubles the rest, up to a minute. After M. Nygard, *Release It!*, "Circuit Breaker". Core has one for each
 * strategy; a strategy that knows of several places has one for each of them.
 * @example if (breaker.allows) { breaker.began(); try { await work(); breaker.succeeded(); } catch { breaker.failed(); } }
 */
export class CircuitBreaker {
  private failures = 0;
  private restMs = FIRST_REST_MS;
  private restsUntilMs = 0;
  private isOpen = false;
  private isTrying = false;

  /** @param nowMs a monotonic clock */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  get state(): BreakerState {
    if (!this.isOpen) return 'closed';
    return this.nowMs() < this.restsUntilMs ? 'open' : 'half-open';
  }

  /** How long it rests still; 0 when it may be tried. */
  get restsForMs(): number {
    return this.isOpen ? Math.max(0, this.restsUntilMs - this.nowMs()) : 0;
  }

  /** Whether a job may go there now. Of a half-open one only one at a time may. */
  get allows(): boolean {
    return !this.isOpen || (this.restsForMs === 0 && !this.isTrying);
  }

  /** A job goes there: the others wait for what becomes of it where it is a trial. */
  began(): void {
    if (this.isOpen) this.isTrying = true;
  }

  succeeded(): void {
    this.failures = 0;
    this.restMs = FIRST_REST_MS;
    this.isOpen = false;
    this.isTrying = false;
  }

  failed(): void {
    this.failures++;
    if (this.isOpen && !this.isTrying) return; // began before it opened: known already
    if (this.isOpen || this.failures >= FAILURES_TO_OPEN) this.trip();
  }

  /** Opens it at once: what happened leaves no doubt. */
  trip(): void {
    this.isTrying = false;
    if (this.restsForMs > 0) return;
    if (this.isOpen) this.restMs = Math.min(LONGEST_REST_MS, this.restMs * 2);
    this.isOpen = true;
    this.restsUntilMs = this.nowMs() + this.restMs;
  }

  /** It ended in a way that says nothing of the strategy: it was called off. */
  ended(): void {
    this.isTrying = false;
  }
}
