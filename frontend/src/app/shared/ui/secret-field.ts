import { ChangeDetectionStrategy, Component, input, output, signal } from '@angular/core';

let made = 0;

/** A password as it is typed: hidden, unless whoever types it wants to see it. */
@Component({
  selector: 'vd-secret-field',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<label [for]="id">{{ label() }}</label>
    <span class="field__row">
      <input
        class="input"
        [id]="id"
        [type]="isShown() ? 'text' : 'password'"
        [name]="name()"
        [attr.autocomplete]="autocomplete()"
        autocapitalize="none"
        spellcheck="false"
        maxlength="200"
        [value]="value()"
        (input)="valueChange.emit($any($event.target).value)"
        [attr.aria-invalid]="fault() === '' ? null : true"
        [attr.aria-describedby]="id + '-hint'"
      />
      <button type="button" class="button" [attr.aria-pressed]="isShown()" [attr.aria-controls]="id" (click)="isShown.set(!isShown())">
        {{ showLabel() }}
      </button>
    </span>
    <span [id]="id + '-hint'" class="field__hint" [class.field__hint--bad]="fault() !== ''">{{ fault() || hint() }}</span>`,
  host: { class: 'field' },
})
export class SecretField {
  readonly label = input.required<string>();
  readonly showLabel = input.required<string>();
  readonly name = input.required<string>();
  readonly autocomplete = input.required<'current-password' | 'new-password'>();
  readonly value = input('');
  readonly hint = input('');
  /** What is wrong with it; empty: nothing. */
  readonly fault = input('');
  readonly valueChange = output<string>();
  protected readonly isShown = signal(false);
  protected readonly id = `vd-secret-${++made}`;
}
