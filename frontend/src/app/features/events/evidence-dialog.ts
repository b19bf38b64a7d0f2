import { ChangeDetectionStrategy, Component, computed, input, linkedSignal, output } from '@angular/core';
import { outlineIn, type EvidenceView } from '../../core/evidence-view';
import { ServerAddress } from '../../core/server-address';
import { BoxOutline } from '../../shared/ui/box-outline';
import { Modal } from '../../shared/ui/modal';

/** The picture kept of an event, large, with what is known of it. */
@Component({
  selector: 'vd-evidence-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BoxOutline, Modal, ServerAddress],
  template: `<vd-modal [heading]="subject()?.heading ?? ''" [open]="subject() !== null" (closed)="closed.emit()">
    @if (subject(); as it) {
      <figure class="evidence">
        <div class="evidence__frame" [style.aspect-ratio]="shape()" [style.width]="'min(100%, calc(60dvh * ' + shape() + '))'">
          @if (failed()) {
            <p class="quiet">The picture cannot be had any more: a better one may have taken its place.</p>
          } @else {
            <img
              [src]="it.evidence.url | serverAddress"
              [alt]="it.alt"
              [attr.width]="it.evidence.widthPx"
              [attr.height]="it.evidence.heightPx"
              (error)="failed.set(true)"
            />
            @if (outline(); as at) {
              <vd-box-outline [at]="at" />
            }
          }
        </div>
        <figcaption>
          <dl class="evidence__facts">
            <div>
              <dt>Seen at</dt>
              <dd class="mono">{{ it.time }}</dd>
            </div>
            @for (fact of it.facts; track fact.name) {
              <div>
                <dt>{{ fact.name }}</dt>
                <dd class="mono">{{ fact.value }}</dd>
              </div>
            }
          </dl>
        </figcaption>
      </figure>
      <ng-content />
    }
  </vd-modal>`,
})
export class EvidenceDialog {
  readonly subject = input.required<EvidenceView | null>();
  readonly closed = output<void>();
  protected readonly failed = linkedSignal({ source: () => this.subject()?.evidence.url, computation: () => false });
  /** Width by height. */
  protected readonly shape = computed(() => {
    const evidence = this.subject()?.evidence;
    return evidence === undefined ? 1 : evidence.widthPx / evidence.heightPx;
  });
  protected readonly outline = computed(() => {
    const subject = this.subject();
    return subject === null ? null : outlineIn(subject.evidence);
  });
}
