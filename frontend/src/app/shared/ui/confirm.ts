import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { Modal } from './modal';

/** Asks before something that cannot be undone; its text (projected) says what will be gone. */
@Component({
  selector: 'vd-confirm',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal],
  template: `<vd-modal [heading]="heading()" [open]="open()" (closed)="cancelled.emit()">
    <div><ng-content /></div>
    <footer class="modal__foot">
      <button type="button" class="button" (click)="cancelled.emit()">{{ cancelLabel() }}</button>
      <button type="button" class="button button--danger" [attr.aria-disabled]="busy() || null" (click)="busy() || confirmed.emit()">
        {{ confirmLabel() }}
      </button>
    </footer>
  </vd-modal>`,
})
export class Confirm {
  readonly heading = input.required<string>();
  readonly confirmLabel = input.required<string>();
  readonly cancelLabel = input.required<string>();
  readonly open = input(false);
  /** While it is done: no second click counts. */
  readonly busy = input(false);
  readonly confirmed = output<void>();
  readonly cancelled = output<void>();
}
