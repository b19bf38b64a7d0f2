import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  signal,
  untracked,
  viewChild,
  type AfterViewInit,
  type OnDestroy,
} from '@angular/core';
import type { StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { ago, briefDuration, clockDuration, clockTime } from '../../core/format';
import { Notices } from '../../core/notices';
import { PlayerClock, type SeekOutcome } from '../../core/player-clock';
import { SessionState } from '../../core/session-state';
import type { StreamView } from '../../core/stream-view';
import { Icon } from '../../shared/ui/icon';
import { FrameOverlay } from './frame-overlay';
import { mediaTimeOf } from './frame-locator';
import { HlsEngine } from './hls-engine';
import { OverlayPrefs } from './overlay-prefs';
import { actionOf, ignoresShortcuts, type PlayerAction } from './shortcuts';
import { describeCoverage, readoutText } from './player-text';

/** Silence after which a stream that is no longer live counts as played out. */
const PLAYED_OUT_MS = 4_000;
/** Drifted so far without the viewer asking for it: go back to the edge. */
const DRIFT_LIMIT_SECONDS = 14;

@Component({
  selector: 'vd-player',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  templateUrl: './player.html',
  host: { '(document:keydown)': 'onKey($event)', '(document:fullscreenchange)': 'readFullscreen()' },
})
export class Player implements AfterViewInit, OnDestroy {
  readonly stream = input.required<StreamWire>();
  readonly view = input.required<StreamView>();

  protected readonly prefs = new OverlayPrefs(typeof localStorage === 'undefined' ? null : localStorage);
  protected readonly muted = signal(true);
  protected readonly volume = signal(0.8);
  protected readonly fullscreen = signal(false);
  protected readonly following = signal(true);
  protected readonly engine = signal<HlsEngine | null>(null);
  protected readonly overlay = signal<FrameOverlay | null>(null);
  private readonly dashboard = inject(Dashboard);
  private readonly clock = inject(PlayerClock);
  private readonly notices = inject(Notices);
  private readonly session = inject(SessionState);
  private readonly root = inject<ElementRef<HTMLElement>>(ElementRef);

  private readonly videoRef = viewChild.required<ElementRef<HTMLVideoElement>>('video');
  private readonly stageRef = viewChild.required<ElementRef<HTMLElement>>('stage');
  private readonly overlayRef = viewChild.required<ElementRef<HTMLElement>>('overlayHost');
  private readonly canvasRef = viewChild.required<ElementRef<HTMLCanvasElement>>('canvas');
  private readonly readoutRef = viewChild<ElementRef<HTMLElement>>('readout');
  private resizer: ResizeObserver | null = null;
  private playedOut: ReturnType<typeof setTimeout> | null = null;

  protected readonly engineState = computed(() => this.engine()?.state() ?? 'idle');
  protected readonly trouble = computed(() => this.engine()?.trouble() ?? null);
  protected readonly paused = computed(() => this.engineState() === 'paused');
  protected readonly offline = computed(() => this.stream().state !== 'live' && this.engineState() === 'idle');
  protected readonly ending = computed(() => this.stream().state !== 'live' && this.engineState() !== 'idle');
  protected readonly busy = computed(() => ['loading', 'awaiting-media', 'buffering', 'recovering'].includes(this.engineState()));
  protected readonly busyText = computed(() => {
    switch (this.engineState()) {
      case 'awaiting-media':
        return 'Live. Waiting for the first segment';
      case 'recovering':
        return 'Reconnecting';
      case 'buffering':
        return 'Waiting for video';
      default:
        return 'Opening the stream';
    }
  });
  protected readonly behindMs = computed(() => {
    const frame = this.clock.coarse();
    return frame === null ? null : Math.max(0, this.dashboard.nowMs() - frame.atMs);
  });
  protected readonly behindText = computed(() => {
    const ms = this.behindMs();
    return ms === null ? '–' : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clockDuration(ms);
  });
  protected readonly frameTime = computed(() => {
    const frame = this.clock.coarse();
    return frame === null ? '--:--:--' : clockTime(frame.atMs);
  });
  protected readonly coverage = computed(() => {
    const overlay = this.overlay();
    return overlay === null || this.clock.coarse() === null ? null : describeCoverage(overlay.coverage(), this.dashboard.work.analyzerTitles());
  });
  protected readonly offlineText = computed(() => {
    const stream = this.stream();
    const now = this.dashboard.nowMs();
    const since = ago(Date.parse(stream.stateAt), now);
    const epoch = stream.epoch;
    return {
      since: since === 'now' ? 'just now' : since,
      last:
        epoch === null
          ? null
          : {
              ordinal: epoch.ordinal,
              start: new Date(epoch.startedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }),
              lasted: epoch.endedAt === null ? null : briefDuration(Date.parse(epoch.endedAt) - Date.parse(epoch.startedAt)),
              reason: epoch.endReason?.replace(/[-_]/g, ' ') ?? null,
            },
    };
  });

  constructor() {
    // One stream after another: the engine and the overlay stay, what they show changes.
    effect(() => {
      const engine = this.engine();
      const view = this.view();
      if (engine === null) return;
      untracked(() => {
        engine.unload();
        this.overlay()?.show(view);
        this.following.set(true);
      });
    });
    effect(() => {
      const engine = this.engine();
      const { state, playlistUrl } = this.stream();
      this.view();
      if (engine === null || state !== 'live') return;
      untracked(() => {
        if (engine.loadedUrl !== playlistUrl || engine.state() === 'failed') void engine.load(playlistUrl);
      });
    });
    // After its end a stream plays out what is buffered; then the offline view takes over.
    effect(() => {
      const out = this.ending() && ['buffering', 'recovering', 'awaiting-media', 'loading', 'failed'].includes(this.engineState());
      if (this.playedOut !== null) clearTimeout(this.playedOut);
      this.playedOut = out
        ? setTimeout(() => {
            this.engine()?.unload();
            this.overlay()?.reset();
          }, PLAYED_OUT_MS)
        : null;
    });
    // Results that arrive while a frame stands still belong on it at once.
    effect(() => {
      this.view().revision();
      this.prefs.settings();
      this.prefs.readout();
      untracked(() => this.overlay()?.repaint());
    });
    effect(() => {
      const range = this.engine()?.rangeSeconds() ?? null;
      const frame = this.clock.coarse();
      untracked(() => {
        const time = this.overlay()?.located?.mediaTimeSeconds;
        if (range === null || frame === null || time === undefined) return;
        this.clock.windowMs.set({ fromMs: frame.atMs + (range.from - time) * 1000, toMs: frame.atMs + (range.to - time) * 1000 });
        const behind = this.engine()?.behindLiveSeconds ?? 0;
        if (this.following() && !this.paused() && behind > DRIFT_LIMIT_SECONDS) this.engine()?.goLive();
      });
    });
  }

  ngAfterViewInit(): void {
    const video = this.videoRef().nativeElement;
    // The attribute alone does not mute an element made by script, and only a muted one may start by itself.
    video.muted = true;
    const engine = new HlsEngine(video, () => void this.session.check().catch(() => undefined));
    const overlay = new FrameOverlay({
      video,
      host: this.overlayRef().nativeElement,
      canvas: this.canvasRef().nativeElement,
      timeline: engine.timeline,
      clock: this.clock,
      settings: () => untracked(() => this.prefs.settings()),
    });
    overlay.onPainted = () => this.writeReadout();
    overlay.start();
    const stage = this.stageRef().nativeElement;
    this.resizer = new ResizeObserver(() => overlay.resize(stage.clientWidth, stage.clientHeight));
    this.resizer.observe(stage);
    this.clock.attach((epochId, ptsUs) => this.seekTo(epochId, ptsUs));
    this.overlay.set(overlay);
    this.engine.set(engine);
  }

  ngOnDestroy(): void {
    if (this.playedOut !== null) clearTimeout(this.playedOut);
    this.resizer?.disconnect();
    this.overlay()?.stop();
    this.clock.attach(null);
    this.clock.clear();
    this.engine()?.destroy();
  }

  protected onKey(event: KeyboardEvent): void {
    if (ignoresShortcuts(event)) return;
    const action = actionOf(event.key);
    if (action === null) return;
    event.preventDefault();
    this.act(action);
  }

  protected act(action: PlayerAction): void {
    const video = this.videoRef().nativeElement;
    switch (action) {
      case 'play':
        this.togglePlay(video);
        break;
      case 'mute':
        this.setMuted(!this.muted());
        break;
      case 'fullscreen':
        this.toggleFullscreen();
        break;
      case 'live':
        this.following.set(true);
        this.engine()?.goLive();
        break;
      case 'overlay':
        this.prefs.boxes.update((on) => !on);
        this.prefs.save();
        break;
      case 'labels':
        this.prefs.labels.update((on) => !on);
        this.prefs.save();
        break;
      case 'readout':
        this.prefs.readout.update((on) => !on);
        break;
      case 'back':
      case 'forward':
        this.move(video, action === 'back' ? -5 : 5);
        break;
      case 'previous-frame':
      case 'next-frame':
        this.step(video, action === 'next-frame' ? 1 : -1);
        break;
    }
  }

  protected setMinScore(event: Event): void {
    this.prefs.minScore.set((event.target as HTMLInputElement).valueAsNumber / 100);
    this.prefs.save();
  }

  protected setVolume(event: Event): void {
    const volume = (event.target as HTMLInputElement).valueAsNumber / 100;
    this.volume.set(volume);
    this.videoRef().nativeElement.volume = volume;
    this.setMuted(volume === 0);
  }

  protected readFullscreen(): void {
    this.fullscreen.set(document.fullscreenElement === this.root.nativeElement);
  }

  protected retry(): void {
    void this.engine()?.load(this.stream().playlistUrl);
  }

  private togglePlay(video: HTMLVideoElement): void {
    const engine = this.engine();
    if (engine === null || engine.state() === 'idle') return;
    if (engine.state() === 'failed') this.retry();
    else if (video.paused) void engine.play();
    else {
      // Whoever stops the picture wants to look at it, not to be carried off by the live edge.
      this.following.set(false);
      video.pause();
    }
  }

  private setMuted(muted: boolean): void {
    this.muted.set(muted);
    const video = this.videoRef().nativeElement;
    video.muted = muted;
    video.volume = this.volume();
  }

  private toggleFullscreen(): void {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else void this.root.nativeElement.requestFullscreen().catch((error: unknown) => this.notices.problem(error));
  }

  private move(video: HTMLVideoElement, seconds: number): void {
    const range = this.engine()?.rangeSeconds();
    if (!range) return;
    if (seconds < 0) this.following.set(false);
    video.currentTime = Math.min(range.to, Math.max(range.from, video.currentTime + seconds));
  }

  /** One frame on or back, to the middle of it so that no rounding shows its neighbour. */
  private step(video: HTMLVideoElement, frames: number): void {
    const located = this.overlay()?.located;
    if (!located) return;
    const { segment } = located.entry;
    const frameSeconds = (segment.ptsEndUs - segment.ptsStartUs) / Math.max(1, segment.frameCount) / 1e6;
    this.following.set(false);
    video.pause();
    video.currentTime = located.mediaTimeSeconds + (frames + 0.5) * frameSeconds;
  }

  private seekTo(epochId: string, ptsUs: number): SeekOutcome {
    const engine = this.engine();
    const range = engine?.rangeSeconds();
    if (!engine || !range) return 'not-playing';
    const time = mediaTimeOf(epochId, ptsUs, engine.timeline, this.view().segments);
    if (time === null || time < range.from || time > range.to) return 'out-of-window';
    this.following.set(false);
    this.videoRef().nativeElement.currentTime = time + 0.001;
    void engine.play();
    return 'done';
  }

  private writeReadout(): void {
    const element = this.readoutRef()?.nativeElement;
    if (element) element.textContent = readoutText(this.overlay()?.located ?? null, this.overlayRef().nativeElement.dataset);
  }
}
