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
import { SingleKeys } from '../../core/keyboard';
import type { StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { clockDuration, clockTime, sentence } from '../../core/format';
import { Notices } from '../../core/notices';
import { PlayerClock } from '../../core/player-clock';
import { SessionState } from '../../core/session-state';
import type { StreamView } from '../../core/stream-view';
import { Icon } from '../../shared/ui/icon';
import { FrameOverlay } from './frame-overlay';
import { SERVER_URL } from '../../core/server-address';
import { HlsEngine } from './hls-engine';
import { OverlayPrefs } from './overlay-prefs';
import { PlaybackPolicy } from './playback-policy';
import { actionOf, type PlayerAction } from './shortcuts';
import { describeBusy, describeCoverage, describeOffline, readoutText } from './player-text';
import { Transport } from './transport';

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

  private readonly keys = inject(SingleKeys);
  protected readonly prefs = new OverlayPrefs(typeof localStorage === 'undefined' ? null : localStorage);
  protected readonly fullscreen = signal(false);
  protected readonly transport = signal<Transport | null>(null);
  protected readonly muted = computed(() => this.transport()?.muted() ?? true);
  protected readonly volume = computed(() => this.transport()?.volume() ?? 1);
  protected readonly following = computed(() => this.transport()?.following() ?? true);
  protected readonly engine = signal<HlsEngine | null>(null);
  protected readonly overlay = signal<FrameOverlay | null>(null);
  private readonly dashboard = inject(Dashboard);
  private readonly clock = inject(PlayerClock);
  private readonly notices = inject(Notices);
  private readonly session = inject(SessionState);
  private readonly serverUrl = inject(SERVER_URL);
  private readonly root = inject<ElementRef<HTMLElement>>(ElementRef);

  private readonly videoRef = viewChild.required<ElementRef<HTMLVideoElement>>('video');
  private readonly stageRef = viewChild.required<ElementRef<HTMLElement>>('stage');
  private readonly overlayRef = viewChild.required<ElementRef<HTMLElement>>('overlayHost');
  private readonly canvasRef = viewChild.required<ElementRef<HTMLCanvasElement>>('canvas');
  private readonly readoutRef = viewChild<ElementRef<HTMLElement>>('readout');
  private resizer: ResizeObserver | null = null;

  private readonly policy = new PlaybackPolicy({
    stream: this.stream,
    view: this.view,
    engine: this.engine,
    shown: this.clock.coarse,
    following: this.following,
    clearOverlay: () => this.overlay()?.reset(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  protected readonly engineState = this.policy.engineState;
  protected readonly paused = this.policy.isPaused;
  protected readonly offline = this.policy.isOffline;
  protected readonly ending = this.policy.isEnding;
  protected readonly busy = this.policy.isBusy;
  protected readonly trouble = computed(() => this.engine()?.trouble() ?? null);
  protected readonly busyText = computed(() => describeBusy(this.engineState()));
  protected readonly behindMs = computed(() => {
    const frame = this.clock.coarse();
    // Read with each frame; the signal ticks on while a picture stands still.
    this.dashboard.nowMs();
    return frame === null ? null : Math.max(0, this.dashboard.serverNow() - frame.atMs);
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
    return overlay === null || this.clock.coarse() === null
      ? null
      : describeCoverage(overlay.coverage(), this.dashboard.work.analyzerTitles());
  });
  protected readonly sentence = sentence;
  protected readonly offlineText = computed(() => describeOffline(this.stream(), this.dashboard.nowMs()));

  constructor() {
    // One stream after another: the engine and the overlay stay, what they show changes.
    effect(() => {
      const engine = this.engine();
      const view = this.view();
      if (engine === null) return;
      untracked(() => {
        engine.unload();
        this.overlay()?.show(view);
        this.transport()?.following.set(true);
      });
    });
    effect(() => {
      const source = this.policy.source();
      this.engine();
      this.view();
      untracked(() => this.policy.open(source));
    });
    effect(() => {
      const url = this.policy.nextEpochUrl();
      untracked(() => this.policy.goOnTo(url));
    });
    effect(() => this.policy.playOut());
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
        this.policy.catchUp();
      });
    });
  }

  ngAfterViewInit(): void {
    const video = this.videoRef().nativeElement;
    const engine = new HlsEngine(video, () => void this.session.check().catch(() => undefined), this.serverUrl);
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
    const transport = new Transport({ video, engine, overlay, view: () => untracked(() => this.view()) });
    this.clock.attach((epochId, ptsUs) => transport.seekTo(epochId, ptsUs));
    this.transport.set(transport);
    this.overlay.set(overlay);
    this.engine.set(engine);
  }

  ngOnDestroy(): void {
    this.policy.dispose();
    this.resizer?.disconnect();
    this.overlay()?.stop();
    this.clock.attach(null);
    this.clock.clear();
    this.engine()?.destroy();
  }

  protected onKey(event: KeyboardEvent): void {
    if (!this.keys.mayTake(event)) return;
    const action = actionOf(event.key);
    if (action === null) return;
    event.preventDefault();
    this.act(action);
  }

  protected act(action: PlayerAction): void {
    const transport = this.transport();
    switch (action) {
      case 'play':
        this.togglePlay();
        break;
      case 'mute':
        transport?.setMuted(!transport.muted());
        break;
      case 'fullscreen':
        this.toggleFullscreen();
        break;
      case 'live':
        transport?.goLive();
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
        transport?.move(action === 'back' ? -5 : 5);
        break;
      case 'previous-frame':
      case 'next-frame':
        transport?.step(action === 'next-frame' ? 1 : -1);
        break;
    }
  }

  protected setMinScore(event: Event): void {
    this.prefs.minScore.set((event.target as HTMLInputElement).valueAsNumber / 100);
    this.prefs.save();
  }

  protected setVolume(event: Event): void {
    this.transport()?.setVolume((event.target as HTMLInputElement).valueAsNumber / 100);
  }

  protected readFullscreen(): void {
    this.fullscreen.set(document.fullscreenElement === this.root.nativeElement);
  }

  protected retry(): void {
    void this.engine()?.load(this.stream().playlistUrl);
  }

  private togglePlay(): void {
    const engine = this.engine();
    if (engine === null || engine.state() === 'idle') return;
    if (engine.state() === 'failed' || engine.state() === 'ended') this.retry();
    else if (this.videoRef().nativeElement.paused) void engine.play();
    else this.transport()?.pause();
  }

  private toggleFullscreen(): void {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else void this.root.nativeElement.requestFullscreen().catch((error: unknown) => this.notices.problem(error));
  }

  private writeReadout(): void {
    const element = this.readoutRef()?.nativeElement;
    if (element) element.textContent = readoutText(this.overlay()?.located ?? null, this.overlayRef().nativeElement.dataset);
  }
}
