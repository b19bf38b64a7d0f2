const FAILURES_TO_OPEN = 3;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Stops sending jobs to a target that fails: after three failures in a row the target rests for five seconds, then one job tries it, and
 * each failed trial doubles the rest, up to a minute. After M. Nygard, *Release It!*, "Circuit Breaker". Core has one breaker for each
 * strategy; a strategy with several targets has one for each of them.
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

  /** How much longer the target rests, in ms; 0 when a job may try it. */
  get restsForMs(): number {
    return this.isOpen ? Math.max(0, this.restsUntilMs - this.nowMs()) : 0;
  }

  /** Failures since the last success. */
  get failuresInRow(): number {
    return this.failures;
  }

  /** Whether a job may go to the target now. While the breaker is half open, only one job at a time may. */
  get allows(): boolean {
    return !this.isOpen || (this.restsForMs === 0 && !this.isTrying);
  }

  /** A job goes to the target. If the job is a trial, other jobs wait for its outcome. */
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

  /** Opens the breaker at once, for errors that no further attempt can change. */
  trip(): void {
    this.isTrying = false;
    if (this.restsForMs > 0) return;
    if (this.isOpen) this.restMs = Math.min(LONGEST_REST_MS, this.restMs * 2);
    this.isOpen = true;
    this.restsUntilMs = this.nowMs() + this.restMs;
  }

  /** The attempt was cancelled, which is no evidence about the strategy. */
  ended(): void {
    this.isTrying = false;
  }
}
