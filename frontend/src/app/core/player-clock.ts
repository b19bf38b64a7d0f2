import { signal } from '@angular/core';
import type { StreamView } from './stream-view';

/** The frame on the screen, by the identity everything else is kept under. */
export interface DisplayedFrame {
  readonly streamId: string;
  readonly epochId: string;
  readonly sequence: number;
  readonly ptsUs: number;
  /** The same on the wall clock, ms since 1970. */
  readonly atMs: number;
}

/** A moment of a stream: by the wall clock, and by the very frame where that is known. */
export interface Moment {
  readonly atMs: number;
  readonly frame?: { readonly epochId: string; readonly ptsUs: number };
}

/** A stretch of the past that is played, instead of what is live. */
export interface PastRange {
  readonly url: string;
  /** Where to begin. */
  readonly start: Moment;
  readonly toMs: number;
  /** What was found in it. */
  readonly view: StreamView;
}

/** What the player does for the panels around it. */
export interface Seeker {
  goTo(moment: Moment): void;
  goLive(): void;
  pause(): void;
}

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
  /** Of the video on show; null before its first picture. */
  readonly picture = signal<{ readonly widthPx: number; readonly heightPx: number } | null>(null);
  /** Null while what is live is played. */
  readonly past = signal<PastRange | null>(null);
  /** The last moment that somebody asked for; null: the present. Playing on does not change it. */
  readonly asked = signal<Moment | null>(null);
  private seeker: Seeker | null = null;
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

  /** Another stream: nothing of the one before is on show or asked for. */
  leave(): void {
    this.clear();
    this.past.set(null);
    this.asked.set(null);
  }

  /** The player says how it seeks; null when it goes. */
  attach(seeker: Seeker | null): void {
    this.seeker = seeker;
    const asked = this.asked();
    if (seeker !== null && asked !== null) seeker.goTo(asked);
  }

  /** Shows a moment, be it in the live window or long ago. Without a player yet, the first one begins there. */
  goTo(moment: Moment): void {
    this.asked.set(moment);
    this.seeker?.goTo(moment);
  }

  goLive(): void {
    this.asked.set(null);
    this.seeker?.goLive();
  }

  /** What is drawn on has to stand still. */
  pause(): void {
    this.seeker?.pause();
  }
}
