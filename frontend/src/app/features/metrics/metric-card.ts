import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { MetricSeries } from '../../core/stream-view';
import { Chart } from './chart';
import type { PlotWindow } from './chart-data';

/** A measure as it is at the frame on show. */
export interface MetricReading {
  readonly series: MetricSeries;
  readonly title: string;
  readonly text: string;
  /** Nothing where the value is a share. */
  readonly unit: string;
}

/** One measure: what it is now, and its course. */
@Component({
  selector: 'vd-metric-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Chart],
  template: `<article class="metric" [attr.aria-label]="reading().title + ', ' + reading().text + ' ' + reading().unit">
    <header class="metric__head">
      <h3 [title]="reading().series.analyzerId + ': ' + reading().series.name">{{ reading().title }}</h3>
      <span class="metric__value mono">{{ reading().text }}</span>
      @if (reading().unit; as unit) {
        <span class="metric__unit">{{ unit }}</span>
      }
    </header>
    <vd-chart [series]="reading().series" [window]="window()" />
  </article>`,
})
export class MetricCard {
  readonly reading = input.required<MetricReading>();
  readonly window = input.required<PlotWindow>();
}
