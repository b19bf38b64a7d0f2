import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import type { FormlyFieldConfig } from '@ngx-formly/core';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { TickedText } from '../../shared/ui/ticked-text';
import type { PluginsTexts } from './i18n/en';

/** What stands around the control of an option: its name, what it is for, what is wrong with it, and who locks it. */
@Component({
  selector: 'vd-option-label',
  changeDetection: ChangeDetectionStrategy.Eager,
  imports: [Icon, TickedText],
  template: `@let it = field();
    <label [attr.for]="it.id" [class.plugins-option__beside]="beside()">
      @if (beside()) {
        <ng-content select="[beside]" />
      }
      <span>{{ it.props?.label }}</span>
      @if (it.props?.['lockedBy']) {
        <vd-icon name="key" />
      }
    </label>
    <ng-content />
    <p class="field__hint" [id]="it.id + '-hint'">
      @if (problem(); as text) {
        <span class="field__hint--bad" role="alert">{{ text }}</span>
      }
      @if (it.props?.['lockedBy']; as locked) {
        <span>{{ locked }}</span>
      }
      @if (it.props?.description; as text) {
        <vd-ticked-text [text]="text" />
      }
      <code>{{ it.props?.['optionKey'] }}</code>
      @if (range(); as text) {
        <span>{{ text }}</span>
      }
    </p>`,
  host: { class: 'plugins-option' },
})
export class OptionLabel {
  readonly field = input.required<FormlyFieldConfig>();
  readonly beside = input(false);
  private readonly t = inject(Texts).of<PluginsTexts>('plugins');

  protected problem(): string | null {
    const { formControl, props } = this.field();
    const errors = formControl?.errors;
    if (!errors || !(formControl?.touched || formControl?.dirty)) return null;
    if (typeof errors['server'] === 'string') return errors['server'];
    if (errors['json']) return this.t('field.json');
    if (errors['pattern']) return this.t('field.pattern', { pattern: String(props?.pattern) });
    if (errors['min'] || errors['max'] || errors['exclusiveMinimum'] || errors['multipleOf']) return this.t('field.range');
    return this.t('field.invalid');
  }

  protected range(): string | null {
    const { min, max } = this.field().props ?? {};
    if (min === undefined && max === undefined) return null;
    return this.t('field.from', { min: String(min ?? '…'), max: String(max ?? '…') });
  }
}
