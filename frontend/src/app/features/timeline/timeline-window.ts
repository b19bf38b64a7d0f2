import { computed, signal } from '@angular/core';

/** A stretch of the wall clock, ms since 1970. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export const NARROWEST_MS = 30_000;
export const WIDEST_MS = 30 * 86_400_000;
/** What was recorded longer ago is not told of by one timeline. */
const OLDEST_MS = 365 * 86_400_000;
/** Room to the right of now, in shares of the span: the edge is seen as one. */
const AHEAD = 0.04;

/** Which stretch of time the timeline shows. While it follows, its right edge goes along with the present. */
export class TimelineWindow {
  readonly span = signal<TimeSpan>({ fromMs: 0, toMs: 1 });
  readonly follows = signal(true);
  readonly lengthMs = computed(() => this.span().toMs - this.span().fromMs);

  constructor(
    private readonly nowMs: () => number,
    lengthMs = 3_600_000,
  ) {
    this.followNow(lengthMs);
  }

  /** Call once a second or so. */
  tick(): void {
    if (this.follows()) this.followNow(this.lengthMs());
  }

  followNow(lengthMs = this.lengthMs()): void {
    this.follows.set(true);
    const length = clamp(lengthMs, NARROWEST_MS, WIDEST_MS);
    const toMs = this.nowMs() + length * AHEAD;
    this.span.set({ fromMs: toMs - length, toMs });
  }

  /**
   * @param factor below 1 shows less of time, in more detail
   * @param anchorMs stays where it is on the screen; absent: the middle, or the present while it is followed
   */
  zoom(factor: number, anchorMs?: number): void {
    const { fromMs, toMs } = this.span();
    const length = clamp((toMs - fromMs) * factor, NARROWEST_MS, WIDEST_MS);
    if (anchorMs === undefined && this.follows()) {
      this.followNow(length);
      return;
    }
    const anchor = anchorMs ?? (fromMs + toMs) / 2;
    const share = (anchor - fromMs) / (toMs - fromMs);
    this.move(anchor - share * length, length);
  }

  pan(deltaMs: number): void {
    this.move(this.span().fromMs + deltaMs, this.lengthMs());
  }

  centre(atMs: number): void {
    this.move(atMs - this.lengthMs() / 2, this.lengthMs());
  }

  /** What is played runs out of sight: the next page of time is shown. What the viewer looks at elsewhere is left to them. */
  keepInSight(beforeMs: number, atMs: number): void {
    const { fromMs, toMs } = this.span();
    const wasInSight = beforeMs >= fromMs && beforeMs <= toMs;
    if (this.follows() || !wasInSight || (atMs >= fromMs && atMs <= toMs)) return;
    this.move(atMs - this.lengthMs() * (atMs > toMs ? 0.1 : 0.9), this.lengthMs());
  }

  private move(fromMs: number, length: number): void {
    const now = this.nowMs();
    const latest = now + length * AHEAD - length;
    const from = clamp(fromMs, now - OLDEST_MS, latest);
    this.follows.set(from >= latest - length * 0.005);
    this.span.set({ fromMs: from, toMs: from + length });
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
