import { signal } from '@angular/core';
import type { DisplayedFrame, PlayerClock } from '../../core/player-clock';
import type { SegmentEntry } from '../../core/segment-index';
import type { Coverage, StreamView } from '../../core/stream-view';
import type { FragmentTimeline } from './fragment-timeline';
import { locateFrame } from './frame-locator';
import { OverlayPainter, type DrawnBox, type OverlaySettings } from './overlay-painter';

export interface FrameOverlayParts {
  readonly video: HTMLVideoElement;
  readonly host: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly timeline: FragmentTimeline;
  readonly clock: PlayerClock;
  settings(): OverlaySettings;
}

/** Exact: the displayed frame itself was analysed. Held: boxes of the analysed frame before it, on their way to the one after. */
type DrawnMode = 'exact' | 'held' | 'empty' | 'off' | 'unknown';

/**
 * Draws over each presented frame what was seen in it. The host element's data attributes say what is on screen (frame)
 * and what was drawn over it (sample), for the read-out and for tests that compare them with the picture.
 */
export class FrameOverlay {
  readonly coverage = signal<Coverage>({ kind: 'none' });
  /** The last presented frame, located; null where it cannot be. */
  located: { frame: DisplayedFrame; entry: SegmentEntry; mediaTimeSeconds: number } | null = null;
  onPainted: (() => void) | null = null;
  /** Who has drawn over this stream so far. */
  readonly analyzers = signal<ReadonlySet<string>>(new Set());

  private view: StreamView | null = null;
  private mediaTimeSeconds: number | null = null;
  private coverageOf = '';
  private readonly painter: OverlayPainter;
  private stopFrames: () => void = () => undefined;

  constructor(private readonly parts: FrameOverlayParts) {
    this.painter = new OverlayPainter(parts.canvas);
  }

  start(): void {
    const { video } = this.parts;
    let running = true;
    let handle = 0;
    if ('requestVideoFrameCallback' in video) {
      const onFrame: VideoFrameRequestCallback = (_, metadata) => {
        this.present(metadata.mediaTime);
        if (running) handle = video.requestVideoFrameCallback(onFrame);
      };
      handle = video.requestVideoFrameCallback(onFrame);
      this.stopFrames = () => {
        running = false;
        video.cancelVideoFrameCallback(handle);
      };
      return;
    }
    // Without frame callbacks the clock is the element's own: near, not exact.
    const onTick = (): void => {
      const time = (video as HTMLVideoElement).currentTime;
      if (time !== this.mediaTimeSeconds) this.present(time);
      if (running) handle = requestAnimationFrame(onTick);
    };
    handle = requestAnimationFrame(onTick);
    this.stopFrames = () => {
      running = false;
      cancelAnimationFrame(handle);
    };
  }

  stop(): void {
    this.stopFrames();
  }

  show(view: StreamView | null): void {
    if (view?.streamId !== this.view?.streamId) this.analyzers.set(new Set());
    this.view = view;
    this.reset();
  }

  /** Nothing is on screen any more. */
  reset(): void {
    this.mediaTimeSeconds = null;
    this.located = null;
    this.painter.clear();
    this.parts.clock.clear();
    this.setCoverage({ kind: 'none' }, '');
    this.describe('unknown', null, []);
  }

  resize(widthCssPx: number, heightCssPx: number): void {
    this.painter.resize(widthCssPx, heightCssPx, window.devicePixelRatio || 1);
    this.repaint();
  }

  /** The same frame again: results, settings or the size changed. */
  repaint(): void {
    if (this.mediaTimeSeconds !== null) this.present(this.mediaTimeSeconds);
  }

  private present(mediaTimeSeconds: number): void {
    this.mediaTimeSeconds = mediaTimeSeconds;
    const { view } = this;
    if (view === null) return;
    const found = locateFrame(mediaTimeSeconds, this.parts.timeline, view.segments);
    if (found.kind !== 'frame') {
      this.located = null;
      this.painter.clear();
      if (found.kind === 'unknown-segment') view.miss(found.place.atMs ?? null);
      this.setCoverage(found.kind === 'unknown-segment' ? { kind: 'waiting', analyzerIds: [] } : { kind: 'none' }, found.kind);
      this.describe('unknown', null, []);
      this.onPainted?.();
      return;
    }
    const { frame, entry } = found;
    this.located = { frame, entry, mediaTimeSeconds };
    this.parts.clock.show(frame, performance.now());
    view.around(frame.atMs);
    const settings = this.parts.settings();
    const shown = view.detections.at(frame.epochId, frame.ptsUs);
    const { videoWidth, videoHeight } = this.parts.video;
    const drawn = this.painter.paint(shown, { widthPx: videoWidth, heightPx: videoHeight }, settings, (detection) =>
      view.detections.trail(detection, frame.ptsUs),
    );
    for (const { analyzerId } of shown)
      if (!this.analyzers().has(analyzerId)) this.analyzers.update((ids) => new Set([...ids, analyzerId]));
    const mode = !settings.boxes ? 'off' : drawn.length === 0 ? 'empty' : drawn.every((box) => box.exact) ? 'exact' : 'held';
    this.describe(mode, frame, drawn);
    this.setCoverage(view.coverage(entry), `${entry.segment.id}/${entry.runs.size}/${mode}`);
    this.onPainted?.();
  }

  private setCoverage(coverage: Coverage, key: string): void {
    if (key === this.coverageOf && coverage.kind === this.coverage().kind) return;
    this.coverageOf = key;
    this.coverage.set(coverage);
  }

  private describe(mode: DrawnMode, frame: DisplayedFrame | null, drawn: readonly DrawnBox[]): void {
    const { dataset } = this.parts.host;
    dataset['frameEpoch'] = frame?.epochId ?? '';
    dataset['frameSequence'] = frame === null ? '' : String(frame.sequence);
    dataset['framePtsUs'] = frame === null ? '' : String(frame.ptsUs);
    dataset['drawnMode'] = mode;
    dataset['drawnEpoch'] = drawn.length > 0 ? (frame?.epochId ?? '') : '';
    dataset['drawnPtsUs'] = drawn.length > 0 ? String(Math.max(...drawn.map((box) => box.ptsUs))) : '';
    dataset['drawnLabels'] = drawn.map((box) => box.label).join(',');
    dataset['drawnBoxes'] = JSON.stringify(drawn);
  }
}
