import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Notices } from '../../core/notices';
import { SessionState } from '../../core/session-state';
import { Theme, THEMES } from '../../core/theme';
import type { AppTexts } from '../../i18n/en';
import { LANGUAGE_NAMES, LANGUAGES, Texts, type Language } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';

/** Who is signed in, how the page looks and speaks to them, and the way out. */
@Component({
  selector: 'vd-account-menu',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  templateUrl: './account-menu.html',
})
export class AccountMenu {
  protected readonly session = inject(SessionState);
  protected readonly theme = inject(Theme);
  protected readonly texts = inject(Texts);
  protected readonly t = this.texts.of<AppTexts>('app');
  protected readonly themes = THEMES;
  protected readonly languages = LANGUAGES.map((language) => ({ language, name: LANGUAGE_NAMES[language] }));
  private readonly notices = inject(Notices);

  protected async speak(language: Language): Promise<void> {
    try {
      await this.texts.use(language);
    } catch (error) {
      this.notices.problem(error);
    }
  }

  protected async signOut(): Promise<void> {
    try {
      await this.session.signOut();
    } catch (error) {
      this.notices.problem(error);
    }
  }
}
