import { ChangeDetectionStrategy, Component, inject, type OnInit } from '@angular/core';
import type { OpenSessionWire } from '../../api/models';
import { PAGE_CLOCK } from '../../core/page-clock';
import { SessionState } from '../../core/session-state';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { browserName } from './browser-name';
import type { SettingsTexts } from './i18n/en';
import { ms } from './moment';
import { SectionFrame } from './section-frame';
import { SessionsState } from './sessions-state';

/** Where somebody is signed in. */
@Component({
  selector: 'vd-sessions-section',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText, SectionFrame],
  templateUrl: './sessions-section.html',
})
export class SessionsSection implements OnInit {
  protected readonly state = inject(SessionsState);
  protected readonly session = inject(SessionState);
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly ms = ms;
  protected readonly nowMs = inject(PAGE_CLOCK).now();

  ngOnInit(): void {
    void this.state.list.load();
  }

  protected browserOf({ browser: userAgent }: OpenSessionWire): string {
    const { browser, system } = browserName(userAgent);
    if (browser === null) return this.t('sessions.unknownBrowser');
    return system === null ? browser : this.t('sessions.browserOn', { browser, system });
  }
}
