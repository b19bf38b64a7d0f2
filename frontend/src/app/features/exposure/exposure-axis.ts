import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import type { StreamsExposureWire } from '../../api/models';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { deepest, laneShades, ticksOf } from './exposure-view';
import type { ExposureTexts } from './i18n/en';
import { screenTime } from './screen-time';

/** Brands that have a lane: the ones with the most seconds. */
const LANES = 12;
const TICKS = 6;
/** Of the drawing, whatever its size on the page. */
const WIDTH = 1_000;

/** When each brand was to be seen, on one axis. */
@Component({
  selector: 'vd-exposure-axis',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './exposure-axis.html',
  host: { class: 'card' },
})
export class ExposureAxis {
  readonly exposure = input.required<StreamsExposureWire>();
  readonly chosen = input.required<string | null>();
  readonly choose = output<string>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  protected readonly width = WIDTH;
  private readonly format = inject(LocaleFormat);
  private readonly span = computed(() => ({ fromMs: Date.parse(this.exposure().from), toMs: Date.parse(this.exposure().to) }));
  protected readonly lanes = computed(() => {
    const { brands, series, bucketMs } = this.exposure();
    const shown = brands.slice(0, LANES);
    const most = deepest(
      series,
      shown.map(({ subjectId }) => subjectId),
    );
    return shown.map(({ subjectId, label, visibleSeconds }) => ({
      subjectId,
      label,
      text: this.t('axis.lane', { label, seconds: screenTime(visibleSeconds, this.format) }),
      shades: laneShades(series, subjectId, bucketMs, this.span(), WIDTH, most),
    }));
  });
  protected readonly ticks = computed(() =>
    ticksOf(this.span(), TICKS).map((tick) => ({
      ...tick,
      text: tick.isDay ? this.format.dayMonth(tick.atMs) : this.format.hourMinute(tick.atMs),
    })),
  );
}
