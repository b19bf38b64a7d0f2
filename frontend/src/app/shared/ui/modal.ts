import { ChangeDetectionStrategy, Component, ElementRef, effect, input, output, viewChild } from '@angular/core';
import { Icon } from './icon';

/** The browser's own modal dialog: it holds the focus, closes on Escape and gives the focus back. */
@Component({
  selector: 'vd-modal',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `<dialog
    #dialog
    class="modal"
    [attr.aria-labelledby]="titleId"
    [attr.closedby]="holds() ? 'none' : null"
    (close)="closed.emit()"
    (cancel)="hold($event)"
    (keydown.escape)="hold($event)"
    (click)="onClick($event)"
  >
    <div class="modal__frame">
      <header class="modal__head">
        <h2 [id]="titleId">{{ heading() }}</h2>
        @if (!holds()) {
          <button type="button" class="tool" (click)="dialog.close()" aria-label="Close"><vd-icon name="close" /></button>
        }
      </header>
      <ng-content />
    </div>
  </dialog>`,
})
export class Modal {
  readonly heading = input.required<string>();
  readonly open = input(false);
  /** What it shows cannot be shown again: it closes by its own button only, not by Escape or a click beside it. */
  readonly holds = input(false);
  readonly closed = output<void>();
  protected readonly titleId = `vd-modal-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  constructor() {
    effect(() => {
      const dialog = this.dialog().nativeElement;
      if (this.open() && !dialog.open) dialog.showModal();
      else if (!this.open() && dialog.open) dialog.close();
    });
  }

  protected hold(event: Event): void {
    if (this.holds()) event.preventDefault();
  }

  /** A click beside the frame lands on the dialog itself: its backdrop. */
  protected onClick(event: MouseEvent): void {
    if (!this.holds() && event.target === this.dialog().nativeElement) this.dialog().nativeElement.close();
  }
}
