import { authError } from '../../errors/auth.errors.js';

export interface AttemptLimits {
  readonly perAddress: number;
  readonly overall: number;
  readonly windowMs: number;
}

/**
 * Counts failed sign-ins by remote address and overall. Tokens have 192 random bits, so guessing is hopeless anyway; this
 * keeps a guesser from costing a database look-up per try.
 */
export class AttemptLimiter {
  private readonly failures = new Map<string, number>();
  private overall = 0;
  private windowEndsAtMs = 0;

  constructor(
    private readonly limits: AttemptLimits = { perAddress: 20, overall: 1_000, windowMs: 60_000 },
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** @throws VD_AUTH_RATE_LIMITED when the address, or everyone together, failed too often in this window */
  check(address: string): void {
    this.roll();
    if ((this.failures.get(address) ?? 0) < this.limits.perAddress && this.overall < this.limits.overall) return;
    throw authError('VD_AUTH_RATE_LIMITED', `Too many failed attempts; try again in ${this.retryAfterS()} s.`);
  }

  failed(address: string): void {
    this.roll();
    this.overall += 1;
    this.failures.set(address, (this.failures.get(address) ?? 0) + 1);
  }

  retryAfterS(): number {
    return Math.max(1, Math.ceil((this.windowEndsAtMs - this.nowMs()) / 1000));
  }

  /** Forgetting everything at the end of a window also bounds the map. */
  private roll(): void {
    const now = this.nowMs();
    if (now < this.windowEndsAtMs) return;
    this.windowEndsAtMs = now + this.limits.windowMs;
    this.failures.clear();
    this.overall = 0;
  }
}
