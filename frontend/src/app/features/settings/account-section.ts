import { ChangeDetectionStrategy, Component, inject, type OnInit } from '@angular/core';
import { SingleKeys } from '../../core/keyboard';
import { SessionState } from '../../core/session-state';
import { Theme, THEMES } from '../../core/theme';
import type { AppTexts } from '../../i18n/en';
import { LANGUAGE_NAMES, LANGUAGES, Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { SecretField } from '../../shared/ui/secret-field';
import { AccountState } from './account-state';
import type { SettingsTexts } from './i18n/en';
import { SectionFrame } from './section-frame';

/** What is one's own: password, language, appearance, keys. */
@Component({
  selector: 'vd-account-section',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText, SecretField, SectionFrame],
  templateUrl: './account-section.html',
})
export class AccountSection implements OnInit {
  protected readonly state = inject(AccountState);
  protected readonly session = inject(SessionState);
  protected readonly keys = inject(SingleKeys);
  protected readonly theme = inject(Theme);
  protected readonly texts = inject(Texts);
  protected readonly t = this.texts.of<SettingsTexts>('settings');
  protected readonly app = this.texts.of<AppTexts>('app');
  protected readonly themes = THEMES;
  protected readonly languages = LANGUAGES;
  protected readonly languageNames = LANGUAGE_NAMES;

  ngOnInit(): void {
    void this.state.account.load();
  }

  protected change(event: Event): void {
    event.preventDefault();
    void this.state.changePassword();
  }
}
