import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from '@angular/core';
import type { BrandWire, ReferenceWire } from '../../api/models';
import { ServerAddress } from '../../core/server-address';
import { BrandsState, IMAGE_TYPES } from './brands-state';
import { Icon } from '../../shared/ui/icon';
import { ProblemText } from '../../shared/ui/problem-text';

/** One brand with its images; images may be dropped on it. */
@Component({
  selector: 'vd-brand-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ProblemText, ServerAddress],
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

  protected readonly state = inject(BrandsState);
  protected readonly imageTypes = IMAGE_TYPES;
  protected readonly over = signal(false);
  protected readonly refused = computed(() => this.state.refused().filter(({ brandId }) => brandId === this.brand().id));
  protected readonly sending = computed(() => this.state.sending().get(this.brand().id) ?? 0);

  protected titleOf({ variant, widthPx, heightPx, source }: ReferenceWire): string {
    const from = { upload: 'uploaded', icon: 'from the icon library', frame: 'cut from a frame' }[source];
    return `${variant}, ${widthPx} × ${heightPx}, ${from}`;
  }

  protected onFiles(event: Event): void {
    const field = event.target as HTMLInputElement;
    void this.state.addImages(this.brand().id, [...(field.files ?? [])]);
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
    void this.state.addImages(this.brand().id, [...event.dataTransfer.files]);
  }
}
