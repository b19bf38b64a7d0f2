import { ChangeDetectionStrategy, Component, inject, output } from '@angular/core';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { SecretField } from '../../shared/ui/secret-field';
import type { SetupTexts } from './i18n/en';
import { SetupState } from './setup-state';

/** Whoever was invited, or has forgotten the password, chooses one. */
@Component({
  selector: 'vd-invited-step',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText, SecretField],
  template: `<form class="setup__form" (submit)="accept($event)" novalidate>
    @if (state.invited(); as it) {
      <div>
        <h2>{{ it.isReset ? t('invited.again', { name: it.name }) : t('invited.title', { name: it.name }) }}</h2>
        <p class="quiet">{{ it.role === 'admin' ? t('invited.admin') : t('invited.viewer') }} {{ it.isReset ? t('invited.ends') : '' }}</p>
      </div>
      <input class="hidden" type="text" autocomplete="username" tabindex="-1" aria-hidden="true" readonly [value]="it.name" />
      <vd-secret-field
        name="password"
        autocomplete="new-password"
        [label]="t('person.password')"
        [showLabel]="t('show')"
        [hint]="t('person.passwordHint')"
        [fault]="state.isIncomplete() && state.password() === '' ? t('person.passwordMissing') : ''"
        [value]="state.password()"
        (valueChange)="state.password.set($event)"
      />
    }
    @if (state.problem(); as it) {
      <vd-problem-text [problem]="it" />
    }
    <footer class="setup__foot">
      <button type="submit" class="button button--primary" [attr.aria-disabled]="state.busy() || null">{{ t('invited.submit') }}</button>
    </footer>
  </form>`,
})
export class InvitedStep {
  readonly accepted = output<void>();
  protected readonly state = inject(SetupState);
  protected readonly t = inject(Texts).of<SetupTexts>('setup');

  protected async accept(event: Event): Promise<void> {
    event.preventDefault();
    if (await this.state.acceptInvitation()) this.accepted.emit();
  }
}
