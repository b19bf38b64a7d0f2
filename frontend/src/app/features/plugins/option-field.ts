import { ChangeDetectionStrategy, Component } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { FieldType, type FieldTypeConfig, FormlyField } from '@ngx-formly/core';
import type { OptionProps } from './form-fields';
import { OptionLabel } from './option-label';
import { namesIn } from './stream-patterns';

type Field = FieldTypeConfig<NonNullable<FieldTypeConfig['props']> & OptionProps>;

const SHELL = { changeDetection: ChangeDetectionStrategy.Eager } as const;

@Component({
  ...SHELL,
  selector: 'vd-option-number',
  imports: [ReactiveFormsModule, OptionLabel],
  template: `<vd-option-label [field]="field">
    <input
      class="input"
      type="number"
      inputmode="decimal"
      [id]="id"
      [formControl]="formControl"
      [min]="props.min ?? null"
      [max]="props.max ?? null"
      [step]="props.step ?? 'any'"
      [attr.aria-describedby]="id + '-hint'"
      [attr.aria-invalid]="showError || null"
    />
  </vd-option-label>`,
})
export class NumberField extends FieldType<Field> {}

@Component({
  ...SHELL,
  selector: 'vd-option-text',
  imports: [ReactiveFormsModule, OptionLabel],
  template: `<vd-option-label [field]="field">
    <input
      class="input"
      type="text"
      spellcheck="false"
      autocomplete="off"
      [id]="id"
      [formControl]="formControl"
      [attr.aria-describedby]="id + '-hint'"
      [attr.aria-invalid]="showError || null"
    />
  </vd-option-label>`,
})
export class TextField extends FieldType<Field> {}

@Component({
  ...SHELL,
  selector: 'vd-option-select',
  imports: [ReactiveFormsModule, OptionLabel],
  template: `<vd-option-label [field]="field">
    <select class="select" [id]="id" [formControl]="formControl" [attr.aria-describedby]="id + '-hint'">
      @for (choice of choices; track choice.value) {
        <option [ngValue]="choice.value">{{ choice.label }}</option>
      }
    </select>
  </vd-option-label>`,
})
export class SelectField extends FieldType<Field> {
  protected get choices(): readonly { readonly value: unknown; readonly label: string }[] {
    return (this.props.options as { value: unknown; label: string }[] | undefined) ?? [];
  }
}

@Component({
  ...SHELL,
  selector: 'vd-option-checkbox',
  imports: [ReactiveFormsModule, OptionLabel],
  template: `<vd-option-label [field]="field" [beside]="true">
    <input beside type="checkbox" [id]="id" [formControl]="formControl" [attr.aria-describedby]="id + '-hint'" />
  </vd-option-label>`,
})
export class CheckboxField extends FieldType<Field> {}

/** A list of texts: one in each line. */
@Component({
  ...SHELL,
  selector: 'vd-option-lines',
  imports: [OptionLabel],
  template: `<vd-option-label [field]="field">
    <textarea
      class="input plugins-lines"
      rows="3"
      spellcheck="false"
      [id]="id"
      [value]="text"
      [disabled]="formControl.disabled"
      [attr.aria-describedby]="id + '-hint'"
      (input)="take($event)"
      (blur)="formControl.markAsTouched()"
    ></textarea>
  </vd-option-label>`,
})
export class LinesField extends FieldType<Field> {
  /** As it was written, not as it was understood: the cursor must stay where it is. */
  private written: { readonly text: string; readonly value: unknown } | null = null;

  protected get text(): string {
    const { value } = this.formControl as { value: unknown };
    if (this.written !== null && this.written.value === value) return this.written.text;
    return Array.isArray(value) ? value.join('\n') : '';
  }

  protected take(event: Event): void {
    const text = (event.target as HTMLTextAreaElement).value;
    const lines = namesIn(text);
    const value = lines.length === 0 ? undefined : lines;
    this.written = { text, value };
    this.formControl.setValue(value);
    this.formControl.markAsDirty();
  }
}

/** What has no control of its own, as JSON. */
@Component({
  ...SHELL,
  selector: 'vd-option-json',
  imports: [OptionLabel],
  template: `<vd-option-label [field]="field">
    <textarea
      class="input plugins-json mono"
      rows="3"
      spellcheck="false"
      [id]="id"
      [value]="text"
      [disabled]="formControl.disabled"
      [attr.aria-describedby]="id + '-hint'"
      [attr.aria-invalid]="formControl.invalid || null"
      (input)="take($event)"
      (blur)="formControl.markAsTouched()"
    ></textarea>
  </vd-option-label>`,
})
export class JsonField extends FieldType<Field> {
  private written: { readonly text: string; readonly value: unknown } | null = null;

  protected get text(): string {
    const { value } = this.formControl as { value: unknown };
    if (this.written !== null && this.written.value === value) return this.written.text;
    return value === undefined || value === null ? '' : JSON.stringify(value);
  }

  protected take(event: Event): void {
    const text = (event.target as HTMLTextAreaElement).value;
    const { value, isJson } = parsed(text);
    this.written = { text, value: isJson ? value : this.formControl.value };
    if (isJson) this.formControl.setValue(value);
    this.formControl.setErrors(isJson ? null : { json: true });
    this.formControl.markAsDirty();
    this.formControl.markAsTouched();
  }
}

function parsed(text: string): { readonly value: unknown; readonly isJson: boolean } {
  if (text.trim() === '') return { value: undefined, isJson: true };
  try {
    return { value: JSON.parse(text) as unknown, isJson: true };
  } catch {
    return { value: undefined, isJson: false };
  }
}

/** Options that nobody has set and that have no default: most people need none of them. */
@Component({
  ...SHELL,
  selector: 'vd-option-more',
  imports: [FormlyField],
  template: `<details class="plugins-more">
    <summary>{{ props.label }}</summary>
    <div class="plugins-fields">
      @for (inner of field.fieldGroup; track inner.id) {
        <formly-field [field]="inner" />
      }
    </div>
  </details>`,
  host: { class: 'plugins-wide' },
})
export class MoreFields extends FieldType {}

/** Options that belong together. */
@Component({
  ...SHELL,
  selector: 'vd-option-group',
  imports: [FormlyField],
  template: `<fieldset class="plugins-group">
    <legend>{{ props.label }}</legend>
    @if (props['lockedBy']; as locked) {
      <p class="field__hint">{{ locked }}</p>
    }
    <div class="plugins-fields">
      @for (inner of field.fieldGroup; track inner.id) {
        <formly-field [field]="inner" />
      }
    </div>
  </fieldset>`,
  host: { class: 'plugins-wide' },
})
export class GroupField extends FieldType {
  override defaultOptions = { defaultValue: {} };
}
