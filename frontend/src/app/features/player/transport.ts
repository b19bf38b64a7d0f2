import { signal } from '@angular/core';
import type { SeekOutcome } from '../../core/player-clock';
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

/** Moves the picture in time and sets its sound; knows whether the viewer follows the live edge. */
export class Transport {
  /** False once the viewer stopped or went back: then nothing carries them off to the live edge. */
  readonly following = signal(true);
  readonly muted = signal(true);
  readonly volume = signal(0.8);

  constructor(private readonly parts: TransportParts) {
    // The attribute alone does not mute an element made by script, and only a muted one may start by itself.
    parts.video.muted = true;
  }

  goLive(): void {
    this.following.set(true);
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

  move(seconds: number): void {
    const { engine, video } = this.parts;
    const range = engine.rangeSeconds();
    if (range === null) return;
    if (seconds < 0) this.following.set(false);
    video.currentTime = Math.min(range.to, Math.max(range.from, video.currentTime + seconds));
  }

  /** One frame on or back, to the middle of it so that no rounding shows its neighbour. */
  step(frames: number): void {
    const located = this.parts.overlay.located;
    if (located === null) return;
    const { segment } = located.entry;
    const frameSeconds = (segment.ptsEndUs - segment.ptsStartUs) / Math.max(1, segment.frameCount) / 1e6;
    this.pause();
    this.parts.video.currentTime = located.mediaTimeSeconds + (frames + 0.5) * frameSeconds;
  }

  seekTo(epochId: string, ptsUs: number): SeekOutcome {
    const { engine, video, view } = this.parts;
    const range = engine.rangeSeconds();
    if (range === null) return 'not-playing';
    const time = mediaTimeOf(epochId, ptsUs, engine.timeline, view().segments);
    if (time === null || time < range.from || time > range.to) return 'out-of-window';
    this.following.set(false);
    video.currentTime = time + 0.001;
    void engine.play();
    return 'done';
  }
}
