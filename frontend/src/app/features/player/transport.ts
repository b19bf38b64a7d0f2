import { signal } from '@angular/core';
import type { Moment } from '../../core/player-clock';
import type { StreamView } from '../../core/stream-view';
import type { FrameOverlay } from './frame-overlay';
import { mediaTimeOf } from './frame-locator';
import type { HlsEngine } from './hls-engine';

export interface TransportParts {
  readonly video: HTMLVideoElement;
  readonly engine: HlsEngine;
  readonly overlay: FrameOverlay;
  view(): StreamView;
}

/** Into the frame, so that no rounding shows the one before it. */
const INTO_FRAME_SECONDS = 0.001;
/** As fast as browsers play at most, and as slow as they do smoothly. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

/** Moves the picture in time and sets its speed and sound; knows whether the viewer follows the live edge. */
export class Transport {
  /** False once the viewer stopped or went back: then nothing carries them off to the live edge. */
  readonly following = signal(true);
  readonly muted = signal(true);
  readonly volume = signal(0.8);
  readonly speed = signal(1);
  /** The very frame that is to be shown once its fragment is loaded. */
  private awaited: NonNullable<Moment['frame']> | null = null;

  constructor(private readonly parts: TransportParts) {
    // The attribute alone does not mute an element made by script, and only a muted one may start by itself.
    parts.video.muted = true;
  }

  goLive(): void {
    this.following.set(true);
    this.setSpeed(1);
    this.parts.engine.goLive();
  }

  pause(): void {
    this.following.set(false);
    this.parts.video.pause();
  }

  setMuted(muted: boolean): void {
    this.muted.set(muted);
    this.parts.video.muted = muted;
    this.parts.video.volume = this.volume();
  }

  setVolume(volume: number): void {
    this.volume.set(volume);
    this.setMuted(volume === 0);
  }

  setSpeed(speed: number): void {
    this.speed.set(speed);
    // Another source begins with the default rate.
    this.parts.video.defaultPlaybackRate = this.parts.video.playbackRate = speed;
    if (speed !== 1) this.following.set(false);
  }

  /** @param steps along {@link SPEEDS} */
  changeSpeed(steps: number): void {
    const at = SPEEDS.findIndex((speed) => speed >= this.speed());
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + steps))]!);
  }

  /** One frame on or back, to the middle of it so that no rounding shows its neighbour. */
  step(frames: number): void {
    const located = this.parts.overlay.located;
    if (located === null) return;
    const { segment } = located.entry;
    const frameSeconds = (segment.ptsEndUs - segment.ptsStartUs) / Math.max(1, segment.frameCount) / 1e6;
    this.pause();
    const { video } = this.parts;
    // A second step before the first one is shown goes on from there.
    const fromSeconds = video.seeking ? video.currentTime - frameSeconds / 2 : located.mediaTimeSeconds;
    video.currentTime = fromSeconds + (frames + 0.5) * frameSeconds;
  }

  /** Shows a moment of what is loaded. @returns whether it is among that */
  show(moment: Moment): boolean {
    const { engine, video } = this.parts;
    const range = engine.rangeSeconds();
    const time = this.timeOf(moment);
    if (range === null || time === null || time < range.from || time > range.to) return false;
    this.awaited = null;
    this.following.set(false);
    video.currentTime = time;
    return true;
  }

  /** A moment that is not loaded yet: its very frame is gone to as soon as it is. */
  await(moment: Moment): void {
    this.following.set(false);
    this.awaited = moment.frame ?? null;
  }

  /** Call with each frame that is shown. */
  arrive(): void {
    const { awaited } = this;
    if (awaited === null) return;
    const { engine, video, view } = this.parts;
    const sequence = view().segments.holding(awaited.epochId, awaited.ptsUs)?.segment.sequence;
    if (sequence === undefined || engine.timeline.get(awaited.epochId, sequence)?.videoStartSeconds == null) return;
    this.awaited = null;
    const time = mediaTimeOf(awaited.epochId, awaited.ptsUs, engine.timeline, view().segments);
    if (time !== null) video.currentTime = time + INTO_FRAME_SECONDS;
  }

  private timeOf({ atMs, frame }: Moment): number | null {
    const { engine, view } = this.parts;
    const exact = frame === undefined ? null : mediaTimeOf(frame.epochId, frame.ptsUs, engine.timeline, view().segments);
    return exact === null ? engine.timeline.mediaTimeAt(atMs) : exact + INTO_FRAME_SECONDS;
  }
}
