import { ChangeDetectionStrategy, Component, computed, inject, input, signal, type OnDestroy } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { brief, humanName } from '../../core/format';
import { PlayerClock } from '../../core/player-clock';
import type { MetricSeries, StreamView } from '../../core/stream-view';
import { Chart } from './chart';
import { windowAround, type PlotWindow } from './chart-data';
import { groupsOf, OpenGroups } from './metric-groups';
import { paletteOf } from './palette';
import { PaletteStrip } from './palette-strip';

const REDRAW_MS = 200;
/** With reduced motion the charts step instead of gliding. */
const CALM_REDRAW_MS = 2_000;

/**
 * Every metric that arrives gets its chart, below the analyzer that made it; all of them follow the player, so that line and picture
 * agree.
 */
@Component({
  selector: 'vd-metrics-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Chart, PaletteStrip],
  template: `<section class="panel metrics" aria-labelledby="metrics-title">
    <header class="panel__head">
      <h2 id="metrics-title">Metrics</h2>
      <span class="panel__note">2 min, at the displayed frame</span>
    </header>
    @if (groups().length === 0 && !hasPalette()) {
      <p class="empty">
        {{ view().loading() ? 'Looking for metrics…' : 'No metrics yet. They show here as soon as an analyzer measures something.' }}
      </p>
    } @else {
      @for (group of groups(); track group.analyzerId) {
        <details class="metrics__group" [open]="group.open" (toggle)="onToggle(group.analyzerId, group.open, $event)">
          <summary>
            <span>{{ group.title }}</span><span class="panel__note">{{ group.count }}</span>
          </summary>
          @if (group.open) {
            <div class="metrics__grid">
              @for (card of group.cards; track card.series.id) {
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
          }
        </details>
      }
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

  private readonly openGroups = new OpenGroups(globalThis.localStorage ?? null);
  protected readonly groups = computed(() => {
    const { atMs, toMs } = this.window();
    const all = groupsOf(this.view().metrics());
    return all.map((group) => {
      const open = this.openGroups.isOpen(group, all);
      const cards = (open ? group.series : []).map((series) => ({
        series,
        title: humanName(series.name),
        text: valueAt(series, atMs ?? toMs),
        unit: /^-?[01]\.\.1$/.test(series.unit) ? '' : series.unit,
      }));
      return { analyzerId: group.analyzerId, title: group.title, count: group.series.length, open, cards };
    });
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

  /** A details element reports every change of its state, be it ours or the viewer's. */
  protected onToggle(analyzerId: string, wasOpen: boolean, event: Event): void {
    const { open } = event.target as HTMLDetailsElement;
    if (open !== wasOpen) this.openGroups.set(analyzerId, open);
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
