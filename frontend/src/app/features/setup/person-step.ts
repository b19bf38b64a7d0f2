import { ChangeDetectionStrategy, Component, inject, output } from '@angular/core';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { SecretField } from '../../shared/ui/secret-field';
import { TickedText } from '../../shared/ui/ticked-text';
import type { SetupTexts } from './i18n/en';
import { SetupState } from './setup-state';

/** The first person: a name and a password, and the one-time token where the link did not bring it. */
@Component({
  selector: 'vd-person-step',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText, SecretField, TickedText],
  template: `<form class="setup__form" (submit)="save($event)" novalidate>
    <div>
      <h2>{{ t('person.title') }}</h2>
      <p class="quiet">{{ t('person.text') }}</p>
    </div>
    <label class="field">
      <span>{{ t('person.name') }}</span>
      <input
        class="input"
        name="name"
        autocomplete="username"
        maxlength="100"
        spellcheck="false"
        [value]="state.name()"
        (input)="state.name.set($any($event.target).value)"
        [attr.aria-invalid]="lacks(state.name()) || null"
        aria-describedby="person-name-hint"
      />
      <span id="person-name-hint" class="field__hint" [class.field__hint--bad]="lacks(state.name())">{{
        lacks(state.name()) ? t('person.nameMissing') : t('person.nameHint')
      }}</span>
    </label>
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
    @if (asksToken) {
      <label class="field">
        <span>{{ t('person.token') }}</span>
        <input
          class="input mono"
          name="token"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          maxlength="256"
          [value]="state.token()"
          (input)="state.token.set($any($event.target).value)"
          [attr.aria-invalid]="lacks(state.token()) || null"
          aria-describedby="person-token-hint"
        />
        <span id="person-token-hint" class="field__hint" [class.field__hint--bad]="lacks(state.token())">
          <vd-ticked-text [text]="t('person.tokenHint')" />
        </span>
      </label>
    }
    @if (state.problem(); as it) {
      <vd-problem-text [problem]="it" />
    }
    <footer class="setup__foot">
      <button type="submit" class="button button--primary" [attr.aria-disabled]="state.busy() || null">{{ t('person.submit') }}</button>
    </footer>
  </form>`,
})
export class PersonStep {
  readonly saved = output<void>();
  protected readonly state = inject(SetupState);
  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly asksToken = this.state.token() === '' && !this.state.isSignedIn();

  /** It was sent off without this. */
  protected lacks(text: string): boolean {
    return this.state.isIncomplete() && text.trim() === '';
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    if (await this.state.savePerson()) this.saved.emit();
  }
}
