import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
  type AfterViewInit,
  type OnDestroy,
} from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { sentence } from '../../core/format';
import { SingleKeys } from '../../core/keyboard';
import { LiveFeed } from '../../core/live-feed';
import { Notices } from '../../core/notices';
import { overlayError } from '../../core/overlay-error';
import { PlayerClock } from '../../core/player-clock';
import { SERVER_URL } from '../../core/server-address';
import { SessionState } from '../../core/session-state';
import type { StreamView } from '../../core/stream-view';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { FrameOverlay } from './frame-overlay';
import { HlsEngine } from './hls-engine';
import type { PlayerTexts } from './i18n/en';
import { OverlayPrefs } from './overlay-prefs';
import { PlaybackPolicy } from './playback-policy';
import { PlayerControls } from './player-controls';
import { describeBusy, describeCoverage, describeOffline, readoutText } from './player-text';
import { actionOf, type PlayerAction } from './shortcuts';
import { TimeTravel } from './time-travel';
import { Transport } from './transport';

/** Analysed frames that tell how exact the overlay is. */
const ERROR_SAMPLES = 60;

/** The picture of a stream, live or of any moment that is recorded, and over it what was seen in the very frame. */
@Component({
  selector: 'vd-player',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, PlayerControls],
  templateUrl: './player.html',
  host: { '(document:keydown)': 'onKey($event)', '(document:fullscreenchange)': 'readFullscreen()' },
})
export class Player implements AfterViewInit, OnDestroy {
  readonly stream = input.required<StreamWire>();
  /** What is known of what is live. */
  readonly view = input.required<StreamView>();
  /** The viewer wants an address of the moment on show. */
  readonly linkWanted = output<void>();

  protected readonly t = inject(Texts).of<PlayerTexts>('player');
  protected readonly prefs = new OverlayPrefs(typeof localStorage === 'undefined' ? null : localStorage);
  protected readonly fullscreen = signal(false);
  protected readonly transport = signal<Transport | null>(null);
  protected readonly engine = signal<HlsEngine | null>(null);
  protected readonly overlay = signal<FrameOverlay | null>(null);
  protected readonly clock = inject(PlayerClock);
  private readonly format = inject(LocaleFormat);
  private readonly dashboard = inject(Dashboard);
  private readonly feed = inject(LiveFeed);
  private readonly keys = inject(SingleKeys);
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
  private readonly stopHearing = this.feed.listen((message) => this.clock.past()?.view.apply(message));

  protected readonly following = computed(() => this.transport()?.following() ?? true);
  protected readonly isPast = computed(() => this.clock.past() !== null);
  /** What is known of what is on show: of the past where that is played. */
  private readonly shownView = computed(() => this.clock.past()?.view ?? this.view());
  private readonly policy = new PlaybackPolicy({
    stream: this.stream,
    past: this.clock.past,
    view: this.shownView,
    engine: this.engine,
    shown: this.clock.coarse,
    following: this.following,
    clearOverlay: () => this.overlay()?.reset(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  protected readonly travel = new TimeTravel({
    ...{ api: inject(ApiClient), clock: this.clock, stream: this.stream, engine: this.engine, transport: this.transport },
    serverNow: () => this.dashboard.serverNow(),
    onError: (error) => this.notices.problem(error),
  });
  protected readonly engineState = this.policy.engineState;
  protected readonly paused = this.policy.isPaused;
  protected readonly offline = this.policy.isOffline;
  protected readonly ending = this.policy.isEnding;
  protected readonly busy = this.policy.isBusy;
  protected readonly trouble = computed(() => this.engine()?.trouble() ?? null);
  protected readonly busyText = computed(() => describeBusy(this.engineState(), this.isPast(), this.t));
  protected readonly analyzers = computed(() =>
    [...(this.overlay()?.analyzers() ?? [])].map((id) => ({ id, title: this.dashboard.work.analyzerTitles().get(id) ?? id })),
  );
  /** How far the picture is behind the present; null while there is none. */
  protected readonly behindMs = computed(() => {
    const frame = this.clock.coarse();
    // Read with each frame; the signal ticks on while a picture stands still.
    this.dashboard.nowMs();
    return frame === null ? null : Math.max(0, this.dashboard.serverNow() - frame.atMs);
  });
  protected readonly coverage = computed(() => {
    const overlay = this.overlay();
    if (overlay === null || this.clock.coarse() === null) return null;
    const { t } = this;
    const sinceMs = this.behindMs() ?? 0;
    return describeCoverage(overlay.coverage(), this.dashboard.work.analyzerTitles(), {
      t,
      sinceMs,
      duration: (ms) => this.format.duration(ms),
    });
  });
  protected readonly sentence = sentence;
  protected readonly offlineText = computed(() =>
    describeOffline(this.stream(), { t: this.t, dateTime: (ms) => this.format.dateTime(ms), duration: (ms) => this.format.duration(ms) }),
  );

  constructor() {
    // One stream after another, or another stretch of time: the engine and the overlay stay, what they show changes.
    effect(() => {
      const engine = this.engine();
      const view = this.shownView();
      if (engine === null) return;
      untracked(() => {
        engine.unload();
        this.overlay()?.show(view);
        this.transport()?.following.set(!this.isPast());
      });
    });
    effect(() => {
      const source = this.policy.source();
      this.engine();
      this.shownView();
      untracked(() => this.policy.open(source));
    });
    effect(() => {
      const url = this.policy.nextEpochUrl();
      untracked(() => this.policy.goOnTo(url));
    });
    effect(() => this.policy.playOut());
    effect(() => {
      if (this.isPast() && this.engineState() === 'ended') untracked(() => this.travel.goOn());
    });
    // Results that arrive while a frame stands still belong on it at once.
    effect(() => {
      this.shownView().revision();
      this.prefs.settings();
      this.prefs.readout();
      untracked(() => this.overlay()?.repaint());
    });
    effect(() => {
      this.engine()?.rangeSeconds();
      this.clock.coarse();
      untracked(() => {
        this.clock.windowMs.set(this.engine()?.timeline.spanMs ?? null);
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
    overlay.start();
    video.addEventListener('resize', () => {
      const { videoWidth: widthPx, videoHeight: heightPx } = video;
      this.clock.picture.set(widthPx > 0 ? { widthPx, heightPx } : null);
    });
    const stage = this.stageRef().nativeElement;
    this.resizer = new ResizeObserver(() => overlay.resize(stage.clientWidth, stage.clientHeight));
    this.resizer.observe(stage);
    const transport = new Transport({ video, engine, overlay, view: () => untracked(() => this.shownView()) });
    overlay.onPainted = () => {
      transport.arrive();
      this.writeReadout();
    };
    this.transport.set(transport);
    this.overlay.set(overlay);
    this.engine.set(engine);
    this.clock.attach(this.travel);
  }

  ngOnDestroy(): void {
    this.policy.dispose();
    this.stopHearing();
    this.resizer?.disconnect();
    this.overlay()?.stop();
    this.clock.attach(null);
    this.clock.past.set(null);
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
        return this.togglePlay();
      case 'mute':
        return transport?.setMuted(!transport.muted());
      case 'fullscreen':
        return this.toggleFullscreen();
      case 'live':
        return this.clock.goLive();
      case 'overlay':
        return this.prefs.toggle('boxes');
      case 'labels':
      case 'trails':
        return this.prefs.toggle(action);
      case 'readout':
        return this.prefs.readout.update((on) => !on);
      case 'snapshot':
        return this.saveSnapshot();
      case 'back':
      case 'forward':
        return this.travel.move(action === 'back' ? -10_000 : 10_000, this.videoRef().nativeElement.paused);
      case 'back-short':
      case 'forward-short':
        return this.travel.move(action === 'back-short' ? -5_000 : 5_000, this.videoRef().nativeElement.paused);
      case 'slower':
      case 'faster':
        return transport?.changeSpeed(action === 'slower' ? -1 : 1);
      case 'previous-frame':
      case 'next-frame':
        return transport?.step(action === 'next-frame' ? 1 : -1);
      case 'previous-event':
      case 'next-event':
        return void this.goToEvent(action === 'next-event');
    }
  }

  protected readFullscreen(): void {
    this.fullscreen.set(document.fullscreenElement === this.root.nativeElement);
  }

  protected retry(): void {
    if (!this.travel.retry()) void this.engine()?.load(this.stream().playlistUrl);
  }

  private async goToEvent(isNext: boolean): Promise<void> {
    try {
      if ((await this.travel.goToEvent(isNext)) === null)
        this.notices.info(this.t('noEvent.title'), this.t(isNext ? 'noEvent.after' : 'noEvent.before'));
    } catch (error) {
      this.notices.problem(error);
    }
  }

  private togglePlay(): void {
    const engine = this.engine();
    if (engine === null || engine.state() === 'idle') return;
    if (engine.state() === 'failed' || (engine.state() === 'ended' && !this.isPast())) this.retry();
    else if (this.videoRef().nativeElement.paused) void engine.play();
    else this.transport()?.pause();
  }

  /** The very frame that is shown, at its full size, from what was recorded. */
  private saveSnapshot(): void {
    const frame = this.clock.frame;
    if (frame === null) return;
    const query = new URLSearchParams({ epochId: frame.epochId, ptsUs: String(frame.ptsUs), ...(this.prefs.boxes() && { boxes: '1' }) });
    const link = document.createElement('a');
    link.href = `${this.serverUrl}/api/streams/${frame.streamId}/snapshot?${query.toString()}`;
    link.download = `${this.stream().name}-${new Date(frame.atMs).toISOString().replace(/[:.]/g, '-')}.jpg`;
    link.click();
  }

  private toggleFullscreen(): void {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else void this.root.nativeElement.requestFullscreen().catch((error: unknown) => this.notices.problem(error));
  }

  private writeReadout(): void {
    const element = this.readoutRef()?.nativeElement;
    if (!element) return;
    const located = this.overlay()?.located ?? null;
    element.textContent = readoutText(located, this.overlayRef().nativeElement.dataset, located && this.errorAt(located.frame));
  }

  private errorAt({ epochId, ptsUs }: { epochId: string; ptsUs: number }): ReturnType<typeof overlayError> | null {
    const { videoWidth, videoHeight } = this.videoRef().nativeElement;
    const { detections } = this.shownView();
    const errors = this.analyzers().map(({ id }) =>
      overlayError(detections.samplesBefore(epochId, id, ptsUs, ERROR_SAMPLES), videoWidth, videoHeight),
    );
    return errors.find(({ heldPx }) => heldPx !== null) ?? null;
  }
}
