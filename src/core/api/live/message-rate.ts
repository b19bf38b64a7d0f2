/** A token bucket: `burst` at once, `perSecond` in the long run. */
export class MessageRate {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    private readonly limits: { readonly burst: number; readonly perSecond: number },
    private readonly nowMs: () => number = Date.now,
  ) {
    this.tokens = limits.burst;
    this.filledAtMs = nowMs();
  }

  take(): boolean {
    const now = this.nowMs();
    this.tokens = Math.min(this.limits.burst, this.tokens + ((now - this.filledAtMs) / 1000) * this.limits.perSecond);
    this.filledAtMs = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
