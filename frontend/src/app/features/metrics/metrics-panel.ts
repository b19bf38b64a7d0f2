import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked, type OnDestroy } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { brief, humanName } from '../../core/format';
import { PlayerClock } from '../../core/player-clock';
import type { MetricSeries, StreamView } from '../../core/stream-view';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { windowAround, type PlotWindow } from './chart-data';
import type { MetricsTexts } from './i18n/en';
import { MetricCard, type MetricReading } from './metric-card';
import { Drawer, firstOf, groupsOf } from './metric-groups';
import { MetricHistory } from './metric-history';
import { paletteOf } from './palette';
import { PaletteStrip } from './palette-strip';

const REDRAW_MS = 200;
/** With reduced motion the charts step instead of gliding. */
const CALM_REDRAW_MS = 2_000;
const FILL_EVERY_MS = 5_000;

/**
 * The three measures that matter, and a drawer with all the others below the analyzer that made them; all of them follow the player, so
 * that line and picture agree.
 */
@Component({
  selector: 'vd-metrics-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, MetricCard, PaletteStrip],
  templateUrl: './metrics-panel.html',
})
export class MetricsPanel implements OnDestroy {
  readonly view = input.required<StreamView>();
  protected readonly t = inject(Texts).of<MetricsTexts>('metrics');
  private readonly api = inject(ApiClient);
  private readonly clock = inject(PlayerClock);
  private readonly dashboard = inject(Dashboard);
  private readonly format = inject(LocaleFormat);
  protected readonly window = signal<PlotWindow>(windowAround(null, Date.now()));
  private readonly timers: ReturnType<typeof setInterval>[];

  protected readonly drawer = new Drawer(globalThis.localStorage ?? null);
  private readonly history = computed(() => new MetricHistory(this.view(), this.api, () => this.dashboard.serverNow()));
  private readonly firstSeries = computed(() => firstOf(this.view().metrics()));
  protected readonly first = computed(() => this.firstSeries().map((series) => this.readingOf(series)));
  protected readonly restCount = computed(() => this.view().metrics().length - this.firstSeries().length);
  protected readonly groups = computed(() => {
    if (!this.drawer.isOpen()) return [];
    const first = new Set(this.firstSeries());
    return groupsOf(
      this.view()
        .metrics()
        .filter((series) => !first.has(series)),
    ).map(({ analyzerId, title, series }) => ({
      analyzerId,
      title: this.dashboard.work.analyzerTitles().get(analyzerId) ?? title,
      cards: series.map((one) => this.readingOf(one)),
    }));
  });
  protected readonly hasPalette = computed(() =>
    this.view()
      .observations()
      .some((observation) => paletteOf(observation) !== null),
  );

  constructor() {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const move = (): void => {
      if (document.visibilityState === 'visible') this.window.set(windowAround(this.clock.frame?.atMs ?? null, this.dashboard.serverNow()));
    };
    this.timers = [setInterval(move, calm ? CALM_REDRAW_MS : REDRAW_MS), setInterval(() => this.fill(), FILL_EVERY_MS)];
    effect(() => {
      this.history();
      this.firstSeries();
      this.drawer.isOpen();
      untracked(() => this.fill());
    });
  }

  protected onToggle(event: Event): void {
    this.drawer.set((event.target as HTMLDetailsElement).open);
  }

  ngOnDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** What the window lacks of the course of the measures on show. */
  private fill(): void {
    const atMs = this.clock.frame?.atMs;
    if (atMs === undefined || document.visibilityState !== 'visible') return;
    const shown = this.drawer.isOpen() ? this.view().metrics() : this.firstSeries();
    const { fromMs, toMs } = windowAround(atMs, atMs);
    void this.history().fill([...new Set(shown.map(({ name }) => name))], fromMs, toMs);
  }

  private readingOf(series: MetricSeries): MetricReading {
    const { atMs, toMs } = this.window();
    const point = series.points.at((atMs ?? toMs) + 1);
    const isStale = point === null || (atMs ?? toMs) - point.timeMs > STALE_MS;
    return {
      series,
      title: humanName(series.name),
      text: isStale ? '–' : this.inRegion(brief(point.value)),
      unit: /^-?[01]\.\.1$/.test(series.unit) ? '' : series.unit,
    };
  }

  /** "1.5k" and "0.25" with the comma of the region. */
  private inRegion(text: string): string {
    const digits = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
    return this.format.number(parseFloat(text), digits) + (text.endsWith('k') ? 'k' : '');
  }
}

/** A measurement counts for the displayed frame as long as its successor may be due. */
const STALE_MS = 4_000;
