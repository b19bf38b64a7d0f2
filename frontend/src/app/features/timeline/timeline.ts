import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  model,
  output,
  signal,
  untracked,
  viewChild,
  type AfterViewInit,
  type OnDestroy,
} from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { ThumbnailWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { PlayerClock } from '../../core/player-clock';
import { SERVER_URL } from '../../core/server-address';
import { Theme } from '../../core/theme';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { CoverageCard } from './coverage-card';
import { readCoverage, type CoverageReading } from './coverage-reading';
import type { TimelineTexts } from './i18n/en';
import { ThumbnailFinder } from './thumbnail-finder';
import { TimelineGestures } from './timeline-gestures';
import { TimelinePainter } from './timeline-painter';
import { heightOf, rowsOf } from './timeline-rows';
import { TimelineStores } from './timeline-stores';
import { TimelineWords } from './timeline-words';
import { TimelineWindow, type TimeSpan } from './timeline-window';

const LENGTHS_MS = [30_000, 300_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000, 2_592_000_000] as const;
/** A page begins with so much, or with all there can be. */
const FIRST_LENGTH_MS = 3_600_000;
const ENSURE_AFTER_MS = 120;
const THUMBNAIL_AFTER_MS = 60;
/** Keyboard seeks that follow each other are one. */
const KEY_SEEK_AFTER_MS = 250;

/** All of a stream's past on one line: what is recorded, what happened, and what became of it with each analyzer. */
@Component({
  selector: 'vd-timeline',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CoverageCard, Icon],
  templateUrl: './timeline.html',
})
export class Timeline implements AfterViewInit, OnDestroy {
  readonly streamId = input.required<string>();
  /** Since when there can be anything to show, ms since 1970. */
  readonly sinceMs = input(0);
  readonly isLive = input(false);
  /** End of the newest media all of whose results are there. */
  readonly analysedToMs = input<number | null>(null);
  /** The stretch that is marked. */
  readonly range = model<TimeSpan | null>(null);
  /** Grows when results of the past changed: they are asked for anew. */
  readonly changes = input(0);
  readonly againWanted = output<{ readonly range: TimeSpan; readonly analyzerId: string }>();

  protected readonly t = inject(Texts).of<TimelineTexts>('timeline');
  protected readonly format = inject(LocaleFormat);
  protected readonly words = inject(TimelineWords);
  private readonly api = inject(ApiClient);
  private readonly clock = inject(PlayerClock);
  private readonly dashboard = inject(Dashboard);
  private readonly theme = inject(Theme);
  private readonly serverUrl = inject(SERVER_URL);

  private readonly canvasRef = viewChild.required<ElementRef<HTMLCanvasElement>>('canvas');
  private readonly trackRef = viewChild.required<ElementRef<HTMLElement>>('track');

  protected readonly window = new TimelineWindow(() => this.dashboard.serverNow());
  private readonly stores = inject(TimelineStores);
  protected readonly store = computed(() => this.stores.of(this.streamId()));
  private readonly thumbnails = computed(() => new ThumbnailFinder(this.streamId(), this.api, () => this.dashboard.serverNow()));
  protected readonly lengths = LENGTHS_MS;
  protected readonly isMarking = signal(false);
  protected readonly isCoverageOpen = signal(false);
  protected readonly reading = signal<{ readonly span: TimeSpan; readonly lanes: readonly CoverageReading[] } | null>(null);
  protected readonly hoverMs = signal<number | null>(null);
  private readonly scrubMs = signal<number | null>(null);
  private readonly widthPx = signal(0);
  protected readonly thumbnail = signal<ThumbnailWire | null>(null);

  private readonly model = computed(() => {
    this.store().revision();
    return this.store().model(this.window.span());
  });
  protected readonly rows = computed(() => rowsOf(this.model(), this.isCoverageOpen()));
  protected readonly heightPx = computed(() => heightOf(this.rows()));
  protected readonly problem = computed(() => this.store().problem());
  protected readonly isEmpty = computed(() => this.model().isComplete && this.model().recorded.length === 0);
  protected readonly nowMs = computed(() => this.dashboard.nowMs());
  protected readonly playheadMs = computed(() => this.scrubMs() ?? this.clock.coarse()?.atMs ?? this.clock.asked()?.atMs ?? null);
  /** Where the pointer's time and picture are shown, in pixels from the left. */
  protected readonly previewLeftPx = computed(() => {
    const at = this.scrubMs() ?? this.hoverMs();
    const half = (this.thumbnail()?.w ?? 90) / 2 + 4;
    return at === null ? null : Math.min(this.widthPx() - half, Math.max(half, this.xOf(at)));
  });
  protected readonly previewText = computed(() => {
    const at = this.scrubMs() ?? this.hoverMs();
    return at === null ? '' : this.format.dateTime(at);
  });
  protected readonly spoken = computed(() =>
    this.words.spoken(this.playheadMs(), this.model(), this.clock.past() === null && this.isLive()),
  );

  private painter: TimelinePainter | null = null;
  private gestures: TimelineGestures | null = null;
  private resizer: ResizeObserver | null = null;
  private frame = 0;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor() {
    effect(() => {
      this.store();
      untracked(() =>
        this.window.followNow(Math.min(FIRST_LENGTH_MS, Math.max(LENGTHS_MS[1], (this.dashboard.serverNow() - this.sinceMs()) * 1.1))),
      );
    });
    effect(() => {
      this.dashboard.nowMs();
      untracked(() => this.window.tick());
    });
    // Whoever lets go of a range marks none any more.
    let hadRange = false;
    effect(() => {
      const hasRange = this.range() !== null;
      if (hadRange && !hasRange) untracked(() => this.isMarking.set(false));
      hadRange = hasRange;
    });
    effect(() => {
      if (this.changes() > 0) untracked(() => this.store().forget());
    });
    effect(() => {
      const span = this.window.span();
      const store = this.store();
      this.changes();
      untracked(() => this.later('ensure', ENSURE_AFTER_MS, () => store.ensure(span)));
    });
    // What is played stays in sight.
    let before: number | null = null;
    effect(() => {
      const at = this.clock.coarse()?.atMs ?? null;
      untracked(() => {
        if (before !== null && at !== null && this.scrubMs() === null) this.window.keepInSight(before, at);
        before = at;
      });
    });
    effect(() => {
      const at = this.scrubMs() ?? this.hoverMs();
      const finder = this.thumbnails();
      untracked(() => {
        if (at === null) this.thumbnail.set(null);
        else this.later('thumbnail', THUMBNAIL_AFTER_MS, () => void this.findThumbnail(finder, at));
      });
    });
    effect(() => {
      this.scene();
      this.theme.shown();
      this.widthPx();
      this.heightPx();
      untracked(() => this.paintSoon());
    });
  }

  ngAfterViewInit(): void {
    const canvas = this.canvasRef().nativeElement;
    this.painter = new TimelinePainter(canvas, this.theme, (tick) => this.words.tick(tick));
    this.resizer = new ResizeObserver(() => this.widthPx.set(canvas.clientWidth));
    this.resizer.observe(canvas);
    this.gestures = new TimelineGestures(this.trackRef().nativeElement, canvas, {
      timeAt: (x) => this.timeAt(x),
      playheadX: () => (this.playheadMs() === null ? null : this.xOf(this.playheadMs()!)),
      isMarking: () => this.isMarking(),
      hover: (at) => this.hoverMs.set(at),
      scrub: (at) => this.scrubMs.set(at),
      seek: (at) => this.seek(at),
      click: (at, y) => this.click(at, y),
      pan: (byPx) => this.window.pan((byPx / Math.max(1, this.widthPx())) * this.window.lengthMs()),
      zoom: (factor, anchorMs) => this.window.zoom(factor, anchorMs),
      mark: (fromMs, toMs) => this.mark(fromMs, toMs),
    });
  }

  ngOnDestroy(): void {
    this.resizer?.disconnect();
    this.gestures?.dispose();
    cancelAnimationFrame(this.frame);
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  protected readonly reasonText = (code: string): string => this.store().reasons.get(code) ?? code;

  protected readonly seconds = (ms: number): number => Math.round(ms / 1000);

  protected setLength(event: Event): void {
    const length = Number((event.target as HTMLSelectElement).value);
    if (length > 0) this.window.zoom(length / this.window.lengthMs(), this.window.follows() ? undefined : (this.playheadMs() ?? undefined));
  }

  protected isLength(length: number): boolean {
    return Math.abs(this.window.lengthMs() / length - 1) < 0.01;
  }

  protected toNow(): void {
    this.window.followNow();
    this.clock.goLive();
  }

  /** What became of the media at the playhead, for whoever cannot click on it. */
  protected readHere(): void {
    const at = this.playheadMs();
    if (at !== null) this.read(at, null);
  }

  protected toggleMarking(): void {
    this.isMarking.update((on) => !on);
    if (!this.isMarking()) this.range.set(null);
  }

  protected markHere(isStart: boolean): void {
    const at = this.playheadMs();
    if (at === null) return;
    const { fromMs = at, toMs = at } = this.range() ?? {};
    if (isStart) this.mark(at, Math.max(at + 1_000, toMs));
    else this.mark(Math.min(fromMs, at - 1_000), at);
  }

  protected onKey(event: KeyboardEvent): void {
    const stepMs = Math.max(1_000, this.window.lengthMs() / 120);
    const by = KEY_STEPS[event.key];
    if (by !== undefined) this.seekByKey((this.playheadMs() ?? this.dashboard.serverNow()) + by * stepMs);
    else if (event.key === 'Home') this.seekByKey(this.window.span().fromMs);
    else if (event.key === 'End') this.toNow();
    else if (event.key === '+' || event.key === '=') this.window.zoom(0.5, this.playheadMs() ?? undefined);
    else if (event.key === '-') this.window.zoom(2, this.playheadMs() ?? undefined);
    else if (event.key === 'Enter') this.readHere();
    else return;
    event.preventDefault();
  }

  private seekByKey(atMs: number): void {
    const at = Math.min(atMs, this.dashboard.serverNow());
    this.scrubMs.set(at);
    const { fromMs, toMs } = this.window.span();
    if (at < fromMs || at > toMs) this.window.centre(at);
    this.later('seek', KEY_SEEK_AFTER_MS, () => this.seek(at));
  }

  private seek(atMs: number): void {
    this.scrubMs.set(null);
    this.clock.goTo({ atMs: Math.min(atMs, this.dashboard.serverNow()) });
  }

  private click(atMs: number, y: number): void {
    const row = this.rows().find(({ top, height }) => y >= top && y < top + height)?.row;
    if (row?.kind === 'coverage') this.read(atMs, row.lane.analyzerId);
    else if (row?.kind === 'coverage-all') this.read(atMs, null);
    else this.seek(atMs);
  }

  private read(atMs: number, analyzerId: string | null): void {
    const { coverage, coverageStepMs } = this.model();
    const lanes = coverage.filter((lane) => analyzerId === null || lane.analyzerId === analyzerId);
    const fromMs = Math.floor(atMs / coverageStepMs) * coverageStepMs;
    this.reading.set({ span: { fromMs, toMs: fromMs + coverageStepMs }, lanes: readCoverage(lanes, atMs, coverageStepMs) });
  }

  private mark(fromMs: number, toMs: number): void {
    this.isMarking.set(true);
    const now = this.dashboard.serverNow();
    this.range.set({ fromMs: Math.min(fromMs, toMs), toMs: Math.min(now, Math.max(fromMs, toMs)) });
  }

  private readonly scene = computed(() => ({
    span: this.window.span(),
    model: this.model(),
    rows: this.rows(),
    nowMs: this.dashboard.nowMs(),
    playheadMs: this.playheadMs(),
    analysedToMs: this.analysedToMs(),
    range: this.range(),
    hoverMs: this.scrubMs() === null ? this.hoverMs() : null,
    isLive: this.isLive(),
  }));

  private paintSoon(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.painter?.resize(this.widthPx(), this.heightPx(), devicePixelRatio || 1);
      this.painter?.paint(this.scene());
    });
  }

  private async findThumbnail(finder: ThumbnailFinder, atMs: number): Promise<void> {
    const found = await finder.at(atMs);
    if ((this.scrubMs() ?? this.hoverMs()) === atMs) this.thumbnail.set(found && { ...found, url: this.serverUrl + found.url });
  }

  private timeAt(x: number): number {
    const { fromMs } = this.window.span();
    return fromMs + (x / Math.max(1, this.widthPx())) * this.window.lengthMs();
  }

  private xOf(atMs: number): number {
    return ((atMs - this.window.span().fromMs) / this.window.lengthMs()) * this.widthPx();
  }

  private later(name: string, delayMs: number, run: () => void): void {
    clearTimeout(this.timers.get(name));
    this.timers.set(name, setTimeout(run, delayMs));
  }
}

const KEY_STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -30, PageUp: 30 };
