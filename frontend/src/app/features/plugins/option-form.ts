import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, untracked } from '@angular/core';
import { FormGroup, ReactiveFormsModule } from '@angular/forms';
import { type FormlyFieldConfig, FormlyForm } from '@ngx-formly/core';
import { FormlyJsonschema } from '@ngx-formly/core/json-schema';
import type { ContributionWire, ProblemWire } from '../../api/models';
import { Texts } from '../../i18n/texts';
import { optionFields } from './form-fields';
import type { PluginsTexts } from './i18n/en';
import type { Keys } from './json-values';
import { pathIn } from './setting-paths';

/** The options of one contribution, as a form made of their schema. */
@Component({
  selector: 'vd-option-form',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FormlyForm, ReactiveFormsModule],
  template: `@if (form(); as it) {
    <form class="plugins-fields" [formGroup]="it.group" (submit)="$event.preventDefault()">
      <formly-form [form]="it.group" [fields]="it.fields" [model]="it.model" (modelChange)="changed.emit(clone($event))" />
    </form>
  }`,
})
export class OptionForm {
  readonly contribution = input.required<ContributionWire>();
  /** What the form begins with; what is written in it afterwards comes by `changed`. */
  readonly options = input.required<Keys>();
  /** With each other number the form is made anew. */
  readonly version = input.required<number>();
  readonly place = input<string | null>(null);
  readonly refusal = input<ProblemWire | null>(null);
  readonly changed = output<Keys>();
  private readonly formly = inject(FormlyJsonschema);
  private readonly t = inject(Texts).of<PluginsTexts>('plugins');

  protected readonly form = computed(() => {
    this.version();
    const contribution = this.contribution();
    return untracked(() => ({
      group: new FormGroup({}),
      model: structuredClone(this.options()) as Record<string, unknown>,
      fields: this.fields(contribution),
    }));
  });

  constructor() {
    // What the server would not take is said where it was written.
    effect(() => {
      const { group } = this.form();
      for (const { path, message } of this.refusal()?.errors ?? []) {
        const inner = pathIn(this.contribution(), path);
        const control = inner === null ? null : group.get(inner);
        control?.setErrors({ server: message });
        control?.markAsTouched();
      }
    });
  }

  protected clone(value: Keys): Keys {
    return structuredClone(value);
  }

  private fields(contribution: ContributionWire): FormlyFieldConfig[] {
    return optionFields(this.formly, contribution, {
      lockedBy: () => this.t('locked', { place: this.place() ?? '' }),
      more: (count) => this.t.count('moreOptions', count),
    });
  }
}
