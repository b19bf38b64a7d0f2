import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { BrandWire, ReferenceWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { ServerAddress } from '../../core/server-address';
import { BrandsState, IMAGE_TYPES } from './brands-state';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import type { BrandsTexts } from './i18n/en';
import { Icon } from '../../shared/ui/icon';
import { ProblemText } from '../../shared/ui/problem-text';

/** One brand with its images; images may be dropped on it. */
@Component({
  selector: 'vd-brand-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ProblemText, RouterLink, ServerAddress],
  templateUrl: './brand-card.html',
  host: {
    class: 'brand',
    '[class.brand--off]': '!brand().enabled',
    '[class.brand--over]': 'over()',
    '(dragover)': 'onDrag($event, true)',
    '(dragleave)': 'onDrag($event, false)',
    '(drop)': 'onDrop($event)',
  },
})
export class BrandCard {
  readonly brand = input.required<BrandWire>();
  /** Whether the user may change anything. */
  readonly editable = input(false);
  readonly renameWanted = output<BrandWire>();
  /** An image that may be tried before it is kept. */
  readonly imageOffered = output<File>();

  protected readonly t = inject(Texts).of<BrandsTexts>('brands');
  private readonly format = inject(LocaleFormat);
  private readonly dashboard = inject(Dashboard);
  protected readonly state = inject(BrandsState);
  protected readonly imageTypes = IMAGE_TYPES;
  protected readonly over = signal(false);
  protected readonly refused = computed(() => this.state.refused().filter(({ brandId }) => brandId === this.brand().id));
  protected readonly sending = computed(() => this.state.sending().get(this.brand().id) ?? 0);

  protected readonly sighting = computed(() => this.state.sightings().get(this.brand().id) ?? null);
  protected readonly seen = computed(() => {
    const sighting = this.sighting();
    if (sighting === null) return this.t('card.neverSeen');
    const { streamName: stream, startAt, endAt } = sighting;
    if (endAt === null) return this.t('card.inSight', { stream });
    return this.t('card.lastSeen', {
      stream,
      ago: this.format.ago(Math.max(Date.parse(startAt), Date.parse(endAt)), this.dashboard.nowMs()),
    });
  });
  protected readonly hints = computed(() =>
    this.brand().references.flatMap(({ id, variant, hints }) =>
      hints.map((hint) => ({ key: id + hint, text: this.t(`hints.${hint}`, { variant }) })),
    ),
  );

  protected titleOf({ variant, widthPx, heightPx, source }: ReferenceWire): string {
    return this.t('card.title', { variant, width: widthPx, height: heightPx, source: this.t(`card.sources.${source}`) });
  }

  protected onFiles(event: Event): void {
    const field = event.target as HTMLInputElement;
    this.take([...(field.files ?? [])]);
    field.value = '';
  }

  protected onDrag(event: DragEvent, over: boolean): void {
    if (!this.editable() || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over.set(over);
  }

  protected onDrop(event: DragEvent): void {
    if (!this.editable() || !event.dataTransfer) return;
    event.preventDefault();
    this.over.set(false);
    this.take([...event.dataTransfer.files]);
  }

  /** One is looked at first; many are meant as they are. */
  private take(images: readonly File[]): void {
    const [image] = images;
    if (images.length === 1 && image !== undefined) this.imageOffered.emit(image);
    else void this.state.addImages(this.brand().id, images);
  }
}
