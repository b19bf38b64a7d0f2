/** What the clock calls. */
export interface Ticking {
  tick(nowMs: number): void;
}

/** How often what has come is written: what a killed process had taken and not written is no older. */
export const FLUSH_EVERY_MS = 200;

/** One timer for all packagings of a process. */
export class FlushClock {
  private readonly ticking = new Set<Ticking>();
  private timer: NodeJS.Timeout | undefined;

  add(one: Ticking): void {
    this.ticking.add(one);
    this.timer ??= setInterval(() => this.tick(), FLUSH_EVERY_MS);
  }

  remove(one: Ticking): void {
    this.ticking.delete(one);
    if (this.ticking.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    const nowMs = performance.now();
    for (const one of this.ticking) one.tick(nowMs);
  }
}
