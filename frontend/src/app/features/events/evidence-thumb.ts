import { ChangeDetectionStrategy, Component, computed, input, linkedSignal, output } from '@angular/core';
import { ServerAddress } from '../../core/server-address';
import type { EvidenceView } from '../../core/evidence-view';
import { Icon } from '../../shared/ui/icon';

/** The picture kept of an event, small; it opens on a click. Always of one size, whether it has come or not. */
@Component({
  selector: 'vd-evidence-thumb',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ServerAddress],
  template: `<button type="button" class="thumb" (click)="opened.emit()" [attr.aria-label]="'Show ' + view().alt" aria-haspopup="dialog">
    @if (failed()) {
      <vd-icon name="image" />
    } @else {
      <img
        [src]="url() | serverAddress"
        [alt]="view().alt"
        width="64"
        height="40"
        loading="lazy"
        decoding="async"
        (error)="failed.set(true)"
      />
    }
  </button>`,
})
export class EvidenceThumb {
  readonly view = input.required<EvidenceView>();
  readonly opened = output<void>();
  protected readonly url = computed(() => this.view().evidence.url);
  /** Of this address: a better picture has another one. */
  protected readonly failed = linkedSignal({ source: this.url, computation: () => false });
}
