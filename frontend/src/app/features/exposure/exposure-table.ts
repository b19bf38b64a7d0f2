import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { voiceParts, type BrandRow } from './exposure-view';
import type { ExposureTexts } from './i18n/en';
import { screenTime } from './screen-time';

/** Brands by their seconds, with bars, and how they share the voice. */
@Component({
  selector: 'vd-exposure-table',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './exposure-table.html',
  host: { class: 'card' },
})
export class ExposureTable {
  readonly rows = input.required<readonly BrandRow[]>();
  readonly chosen = input.required<string | null>();
  readonly leftOut = input(0);
  readonly choose = output<string>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  protected readonly format = inject(LocaleFormat);
  protected readonly voice = computed(() => voiceParts(this.rows()));

  protected time(seconds: number): string {
    return screenTime(seconds, this.format);
  }

  protected changeOf({ brand, before, change }: BrandRow): string {
    if (before === null || (change === null && brand.visibleSeconds === 0)) return '';
    if (change === null) return this.t('table.change.fresh');
    const way = Math.abs(change) < 0.005 ? 'same' : change > 0 ? 'more' : 'less';
    return this.t(`table.change.${way}`, { value: this.time(before.visibleSeconds), share: this.format.percent(Math.abs(change)) });
  }
}
