import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { StreamsExposureWire } from '../../api/models';
import { ServerAddress } from '../../core/server-address';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import type { ExposureTexts } from './i18n/en';
import { screenTime } from './screen-time';

const PAGE = 20;

/** The latest appearances, each of which leads to its moment. */
@Component({
  selector: 'vd-appearance-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, ServerAddress],
  templateUrl: './appearance-list.html',
  host: { class: 'card' },
})
export class AppearanceList {
  readonly exposure = input.required<StreamsExposureWire>();
  /** Of one brand only. */
  readonly subjectId = input.required<string | null>();
  readonly label = input.required<string | null>();
  readonly streamNames = input.required<ReadonlyMap<string, string>>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  protected readonly format = inject(LocaleFormat);
  protected readonly all = computed(() => {
    const subjectId = this.subjectId();
    return this.exposure().appearances.filter((one) => subjectId === null || one.subjectId === subjectId);
  });
  protected readonly most = linkedSignal({ source: this.subjectId, computation: () => PAGE });
  protected readonly shown = computed(() => this.all().slice(0, this.most()));

  protected time(seconds: number): string {
    return screenTime(seconds, this.format);
  }
  protected at(iso: string): string {
    return this.format.dateTime(Date.parse(iso));
  }
  protected nameOf(streamId: string): string {
    return this.streamNames().get(streamId) ?? '';
  }
  protected more(): void {
    this.most.update((count) => count + 5 * PAGE);
  }
}
