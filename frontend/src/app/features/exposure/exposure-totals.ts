import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { StreamsExposureWire } from '../../api/models';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import type { ExposureTexts } from './i18n/en';
import { screenTime } from './screen-time';

/** Four figures, with those of the range beside. */
@Component({
  selector: 'vd-exposure-totals',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<dl class="totals">
    @for (figure of figures(); track figure.name) {
      <div class="total">
        <dt>{{ figure.name }}</dt>
        <dd>
          <span class="total__value">{{ figure.value }}</span>
          @if (figure.before; as before) {
            <span class="total__before">{{ t('totals.before', { value: before }) }}</span>
          }
        </dd>
      </div>
    }
  </dl>`,
})
export class ExposureTotals {
  readonly main = input.required<StreamsExposureWire>();
  readonly beside = input.required<StreamsExposureWire | null>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  private readonly format = inject(LocaleFormat);
  protected readonly figures = computed(() => {
    const [main, beside] = [this.main(), this.beside()];
    const figure = (name: string, of: (answer: StreamsExposureWire) => string) => ({
      name,
      value: of(main),
      before: beside === null ? null : of(beside),
    });
    return [
      figure(this.t('totals.seconds'), ({ totals }) => screenTime(totals.visibleSeconds, this.format)),
      figure(this.t('totals.brands'), ({ totals }) => this.format.number(totals.brands)),
      figure(this.t('totals.appearances'), ({ totals }) => this.format.number(totals.appearances)),
      figure(this.t('totals.analysed'), ({ analysedSeconds }) => screenTime(analysedSeconds, this.format)),
    ];
  });
}
