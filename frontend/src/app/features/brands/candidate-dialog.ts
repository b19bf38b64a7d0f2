import { ChangeDetectionStrategy, Component, effect, inject, input, output, signal } from '@angular/core';
import type { BrandWire } from '../../api/models';
import { Texts } from '../../i18n/texts';
import { Modal } from '../../shared/ui/modal';
import { BrandTrial } from './brand-trial';
import { BrandsState } from './brands-state';
import type { BrandsTexts } from './i18n/en';

/** An image that somebody brought, and the brand it is for. */
export interface Candidate {
  readonly brand: BrandWire;
  readonly image: File;
}

/** Shows an image before it is kept, and lets it be tried. */
@Component({
  selector: 'vd-candidate-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BrandTrial, Modal],
  template: `<vd-modal
    [heading]="t('candidate.title', { name: candidate()?.brand?.name ?? '' })"
    [open]="candidate() !== null"
    (closed)="closed.emit()"
  >
    @if (candidate(); as it) {
      <figure class="candidate">
        @if (preview(); as url) {
          <img [src]="url" [alt]="t('candidate.preview')" />
        }
        <figcaption class="field__hint">{{ it.image.name }}</figcaption>
      </figure>
      <vd-brand-trial [image]="it.image" />
      <footer class="modal__foot">
        <button type="button" class="button" (click)="closed.emit()">{{ t('candidate.cancel') }}</button>
        <button type="button" class="button button--primary" (click)="keep(it)">{{ t('candidate.keep') }}</button>
      </footer>
    }
  </vd-modal>`,
})
export class CandidateDialog {
  readonly candidate = input.required<Candidate | null>();
  readonly closed = output<void>();

  protected readonly t = inject(Texts).of<BrandsTexts>('brands');
  private readonly state = inject(BrandsState);
  protected readonly preview = signal<string | null>(null);

  constructor() {
    effect((onCleanup) => {
      const image = this.candidate()?.image;
      const url = image === undefined ? null : URL.createObjectURL(image);
      this.preview.set(url);
      onCleanup(() => url !== null && URL.revokeObjectURL(url));
    });
  }

  /** What the server says of it stands on the brand's card. */
  protected keep({ brand, image }: Candidate): void {
    void this.state.addImages(brand.id, [image]);
    this.closed.emit();
  }
}
