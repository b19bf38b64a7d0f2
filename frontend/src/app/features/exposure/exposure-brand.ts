import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { outlineIn } from '../../core/evidence-view';
import { ServerAddress } from '../../core/server-address';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { BoxOutline } from '../../shared/ui/box-outline';
import { Meter } from '../../shared/ui/meter';
import { Modal } from '../../shared/ui/modal';
import { heatShades, mostSeenAt, type BrandExposure } from './exposure-view';
import type { ExposureTexts } from './i18n/en';
import { screenTime } from './screen-time';

type Picture = BrandExposure['evidence'][number];

/** One brand: where in the picture it was, its best pictures, and what each stream gave it. */
@Component({
  selector: 'vd-exposure-brand',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BoxOutline, Meter, Modal, RouterLink, ServerAddress],
  templateUrl: './exposure-brand.html',
  host: { class: 'card exposure-brand' },
})
export class ExposureBrand {
  readonly brand = input.required<BrandExposure>();
  readonly grid = input.required<{ readonly columns: number; readonly rows: number }>();
  readonly streamNames = input.required<ReadonlyMap<string, string>>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  protected readonly format = inject(LocaleFormat);
  protected readonly shades = computed(() => heatShades(this.brand().heat, this.grid().columns));
  protected readonly mostly = computed(() => {
    const most = mostSeenAt(this.brand().gridSeconds);
    return most === null
      ? this.t('brand.notThere')
      : this.t('brand.mostly', { share: this.format.percent(most.share), place: this.t(`brand.places.${most.place}`) });
  });
  protected readonly opened = linkedSignal<BrandExposure, Picture | null>({ source: this.brand, computation: () => null });
  protected readonly gone = signal<ReadonlySet<string>>(new Set());
  protected readonly outline = computed(() => {
    const opened = this.opened();
    return opened === null ? null : outlineIn(opened.picture);
  });

  protected time(seconds: number): string {
    return screenTime(seconds, this.format);
  }
  protected nameOf(streamId: string): string {
    return this.streamNames().get(streamId) ?? '';
  }
  protected titleOf({ streamId, startAt }: Picture): string {
    return this.t('brand.picture', {
      label: this.brand().label,
      stream: this.nameOf(streamId),
      time: this.format.dateTime(Date.parse(startAt)),
    });
  }
  /** A better picture took its place meanwhile, or retention took it. */
  protected lose(url: string): void {
    this.gone.update((urls) => new Set([...urls, url]));
  }
}
