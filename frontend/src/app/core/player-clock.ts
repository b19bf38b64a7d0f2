import { signal } from '@angular/core';

/** The frame on the screen, by the identity everything else is kept under. */
export interface DisplayedFrame {
  readonly streamId: string;
  readonly epochId: string;
  readonly sequence: number;
  readonly ptsUs: number;
  /** The same on the wall clock, ms since 1970. */
  readonly atMs: number;
}

export type SeekOutcome = 'done' | 'out-of-window' | 'not-playing';

const COARSE_EVERY_MS = 250;

/**
 * What the player shows, for panels that follow it. `frame` changes with every picture and is read, not watched; `coarse`
 * is a signal that follows it four times a second.
 */
export class PlayerClock {
  frame: DisplayedFrame | null = null;
  readonly coarse = signal<DisplayedFrame | null>(null);
  /** Wall-clock span of what can be seeked to. */
  readonly windowMs = signal<{ fromMs: number; toMs: number } | null>(null);
  private seeker: ((epochId: string, ptsUs: number) => SeekOutcome) | null = null;
  private coarseAtMs = 0;

  show(frame: DisplayedFrame, nowMs: number): void {
    const moved = this.frame === null || this.frame.epochId !== frame.epochId || Math.abs(this.frame.atMs - frame.atMs) > COARSE_EVERY_MS;
    this.frame = frame;
    if (!moved && nowMs - this.coarseAtMs < COARSE_EVERY_MS) return;
    this.coarseAtMs = nowMs;
    this.coarse.set(frame);
  }

  clear(): void {
    this.frame = null;
    this.coarse.set(null);
    this.windowMs.set(null);
  }

  /** The player says how it seeks; null when it goes. */
  attach(seeker: ((epochId: string, ptsUs: number) => SeekOutcome) | null): void {
    this.seeker = seeker;
  }

  seek(epochId: string, ptsUs: number): SeekOutcome {
    return this.seeker?.(epochId, ptsUs) ?? 'not-playing';
  }
}
