import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { BackfillDiffWire } from '../../api/models';
import { humanName } from '../../core/format';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import type { PluginsTexts } from './i18n/en';

/** What options of an analyzer would have made of the last seconds, beside what those in force made of them. */
@Component({
  selector: 'vd-trial-report',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `@let it = diff();
    <p>
      <strong>{{ t.count('trial.done', it.segments) }}</strong>
    </p>
    @if (it.detections.length > 0) {
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{{ t('trial.label') }}</th>
              <th scope="col">{{ t('trial.both') }}</th>
              <th scope="col">{{ t('trial.onlyOld') }}</th>
              <th scope="col">{{ t('trial.onlyNew') }}</th>
            </tr>
          </thead>
          <tbody>
            @for (row of it.detections; track row.label) {
              <tr>
                <th scope="row">{{ row.label }}</th>
                <td class="mono">{{ format.number(row.matched) }}</td>
                <td class="mono">{{ format.number(row.onlyOld) }}</td>
                <td class="mono">{{ format.number(row.onlyNew) }}</td>
              </tr>
            }
          </tbody>
        </table>
      </div>
    }
    @if (it.metrics.length > 0) {
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{{ t('trial.metrics') }}</th>
              <th scope="col">{{ t('trial.oldMean') }}</th>
              <th scope="col">{{ t('trial.newMean') }}</th>
            </tr>
          </thead>
          <tbody>
            @for (row of it.metrics; track row.name) {
              <tr>
                <th scope="row">{{ titleOf(row.name) }}</th>
                <td class="mono">{{ mean(row.oldMean) }}</td>
                <td class="mono">{{ mean(row.newMean) }}</td>
              </tr>
            }
          </tbody>
        </table>
      </div>
    }
    <p>{{ t('trial.events', events()) }}</p>
    @if (isEmpty()) {
      <p class="quiet">{{ t('trial.nothing') }}</p>
    }`,
  host: { class: 'plugins-report' },
})
export class TrialReport {
  readonly diff = input.required<BackfillDiffWire>();
  protected readonly format = inject(LocaleFormat);
  protected readonly t = inject(Texts).of<PluginsTexts>('plugins');
  protected readonly titleOf = humanName;
  protected readonly isEmpty = computed(() => {
    const { detections, metrics, events } = this.diff();
    const { matched, onlyOld, onlyNew } = events;
    return detections.length + metrics.length + matched.length + onlyOld.length + onlyNew.length === 0;
  });
  protected readonly events = computed(() => {
    const { matched, onlyOld, onlyNew } = this.diff().events;
    return { matched: matched.length, onlyOld: onlyOld.length, onlyNew: onlyNew.length };
  });

  protected mean(value: number | null): string {
    return value === null ? this.t('list.nothing') : this.format.number(value, 3);
  }
}
