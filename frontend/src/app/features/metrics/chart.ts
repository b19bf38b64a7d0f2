import { ChangeDetectionStrategy, Component, ElementRef, effect, inject, input, untracked, viewChild, type OnDestroy } from '@angular/core';
import type uPlot from 'uplot';
import { Theme } from '../../core/theme';
import { LocaleFormat } from '../../i18n/locale-format';
import { ChartLibrary } from './chart-library';
import { axisNumbers, toPlot, yRange, type PlotWindow } from './chart-data';
import type { MetricSeries } from '../../core/stream-view';

/** One metric over the window; a line marks the displayed frame, what lies after it is dimmed: known, not shown yet. */
@Component({
  selector: 'vd-chart',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '<div #box class="chart__box" aria-hidden="true"></div>',
  host: { class: 'chart' },
})
export class Chart implements OnDestroy {
  readonly series = input.required<MetricSeries>();
  readonly window = input.required<PlotWindow>();

  private readonly library = inject(ChartLibrary);
  private readonly theme = inject(Theme);
  private readonly format = inject(LocaleFormat);
  private readonly box = viewChild.required<ElementRef<HTMLElement>>('box');
  private plot: uPlot | null = null;
  private resizer: ResizeObserver | null = null;
  private destroyed = false;
  private creating = false;

  constructor() {
    effect(() => {
      const window = this.window();
      const series = this.series();
      const box = this.box().nativeElement;
      this.theme.shown();
      untracked(() => {
        if (this.plot === null) void this.create(box);
        else this.draw(this.plot, window, series);
      });
    });
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    this.resizer?.disconnect();
    this.plot?.destroy();
  }

  private async create(box: HTMLElement): Promise<void> {
    if (this.creating) return;
    this.creating = true;
    const Plot = await this.library.load();
    if (this.destroyed) return;
    const size = (): { width: number; height: number } => ({
      width: Math.max(40, box.clientWidth),
      height: Math.max(40, box.clientHeight),
    });
    this.plot = new Plot(this.options(size()), [[], []], box);
    this.resizer = new ResizeObserver(() => this.plot?.setSize(size()));
    this.resizer.observe(box);
    this.draw(this.plot, this.window(), this.series());
  }

  private draw(plot: uPlot, window: PlotWindow, series: MetricSeries): void {
    const data = toPlot(series.points, window);
    plot.batch(() => {
      plot.setData(data as uPlot.AlignedData, false);
      plot.setScale('x', { min: window.fromMs / 1000, max: window.toMs / 1000 });
      const range = yRange(data[1], series.unit);
      plot.setScale('y', { min: range.min, max: range.max });
    });
  }

  private options(size: { width: number; height: number }): uPlot.Options {
    const font = '11px "Geist Mono Variable", ui-monospace, monospace';
    return {
      ...size,
      padding: [6, 12, 2, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, auto: false }, y: { auto: false } },
      axes: [
        {
          stroke: () => this.theme.colour('--text-3'),
          font,
          size: 18,
          gap: 2,
          space: 84,
          grid: { show: false },
          ticks: { show: false },
          values: (plot, splits) => splits.map((s) => (fits(plot, s) ? this.format.time(s * 1000) : '')),
        },
        {
          stroke: () => this.theme.colour('--text-3'),
          font,
          // As wide as the longest number: none is cut.
          size: (_, values) => Math.max(28, ...(values ?? []).map((text) => text.length * CHARACTER_PX + 10)),
          gap: 3,
          space: 26,
          grid: { stroke: () => this.theme.colour('--line'), width: 1 },
          ticks: { show: false },
          values: (_, splits) => axisNumbers(splits, (value, digits) => this.format.number(value, digits)),
        },
      ],
      series: [
        {},
        {
          stroke: () => this.theme.colour('--ice'),
          width: 1.4,
          fill: () => `color-mix(in srgb, ${this.theme.colour('--ice')} 12%, transparent)`,
          points: { show: false },
          spanGaps: false,
        },
      ],
      hooks: { draw: [(plot) => this.markNow(plot)] },
    };
  }

  private markNow(plot: uPlot): void {
    const { atMs } = untracked(this.window);
    if (atMs === null) return;
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const x = Math.round(plot.valToPos(atMs / 1000, 'x', true));
    if (x < left || x > left + width) return;
    ctx.save();
    ctx.fillStyle = this.theme.colour('--ink-1');
    ctx.globalAlpha = 0.6;
    ctx.fillRect(x, top, left + width - x, height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = this.theme.colour('--lime');
    ctx.fillRect(x - devicePixelRatio * 0.75, top, 1.5 * devicePixelRatio, height);
    ctx.restore();
  }
}

/** Half the width of a time below the axis: nearer to an end it would be cut off or lie over the other axis. */
const HALF_TIME_PX = 28;
/** Of the axes' font. */
const CHARACTER_PX = 7;

function fits(plot: uPlot, seconds: number): boolean {
  const x = plot.valToPos(seconds, 'x');
  return x >= HALF_TIME_PX && x <= plot.over.clientWidth - HALF_TIME_PX + 12;
}
