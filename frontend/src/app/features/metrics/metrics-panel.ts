import { ChangeDetectionStrategy, Component, computed, inject, input, signal, type OnDestroy } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { brief, humanName } from '../../core/format';
import { PlayerClock } from '../../core/player-clock';
import type { MetricSeries, StreamView } from '../../core/stream-view';
import { Chart } from './chart';
import { windowAround, type PlotWindow } from './chart-data';
import { paletteOf } from './palette';
import { PaletteStrip } from './palette-strip';

const REDRAW_MS = 200;
/** With reduced motion the charts step instead of gliding. */
const CALM_REDRAW_MS = 2_000;

/** Every metric that arrives gets its chart; all of them follow the player, so that line and picture agree. */
@Component({
  selector: 'vd-metrics-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Chart, PaletteStrip],
  template: `<section class="panel metrics" aria-labelledby="metrics-title">
    <header class="panel__head">
      <h2 id="metrics-title">Metrics</h2>
      <span class="panel__note">2 min, at the displayed frame</span>
    </header>
    @if (cards().length === 0 && !hasPalette()) {
      <p class="empty">
        {{ view().loading() ? 'Looking for metrics…' : 'No metrics yet. They show here as soon as an analyzer measures something.' }}
      </p>
    } @else {
      <div class="metrics__grid">
        @for (card of cards(); track card.series.id) {
          <article class="metric" [attr.aria-label]="card.title + ', ' + card.text">
            <header class="metric__head">
              <h3 [title]="card.series.analyzerId + ': ' + card.series.name">{{ card.title }}</h3>
              <span class="metric__value mono">{{ card.text }}</span>
              @if (card.unit) {
                <span class="metric__unit">{{ card.unit }}</span>
              }
            </header>
            <vd-chart [series]="card.series" [window]="window()" />
          </article>
        }
      </div>
      @if (hasPalette()) {
        <article class="metrics__palette">
          <header class="metric__head"><h3>Dominant colours</h3></header>
          <vd-palette-strip [observations]="view().observations()" [window]="window()" />
        </article>
      }
    }
  </section>`,
})
export class MetricsPanel implements OnDestroy {
  readonly view = input.required<StreamView>();
  private readonly clock = inject(PlayerClock);
  private readonly dashboard = inject(Dashboard);
  protected readonly window = signal<PlotWindow>(windowAround(null, Date.now()));
  private readonly timer: ReturnType<typeof setInterval>;

  protected readonly cards = computed(() => {
    const { atMs, toMs } = this.window();
    return [...this.view().metrics()]
      .sort((a, b) => a.analyzerId.localeCompare(b.analyzerId) || a.name.localeCompare(b.name))
      .map((series) => ({
        series,
        title: humanName(series.name),
        text: valueAt(series, atMs ?? toMs),
        unit: series.unit === '0..1' ? '' : series.unit,
      }));
  });
  protected readonly hasPalette = computed(() =>
    this.view()
      .observations()
      .some((observation) => paletteOf(observation) !== null),
  );

  constructor() {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.timer = setInterval(
      () => {
        if (document.visibilityState === 'visible')
          this.window.set(windowAround(this.clock.frame?.atMs ?? null, this.dashboard.serverNow()));
      },
      calm ? CALM_REDRAW_MS : REDRAW_MS,
    );
  }

  ngOnDestroy(): void {
    clearInterval(this.timer);
  }
}

/** A measurement counts for the displayed frame as long as its successor may be due. */
const STALE_MS = 4_000;

function valueAt(series: MetricSeries, atMs: number): string {
  const point = series.points.at(atMs + 1);
  return point === null || atMs - point.timeMs > STALE_MS ? '–' : brief(point.value);
}
