import { ChangeDetectionStrategy, Component, inject, signal, type OnInit } from '@angular/core';
import type { TokenWire } from '../../api/models';
import { PAGE_CLOCK } from '../../core/page-clock';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import { EmptyState } from '../../shared/ui/empty-state';
import { Icon } from '../../shared/ui/icon';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';
import type { SettingsTexts } from './i18n/en';
import { ms } from './moment';
import { SectionFrame } from './section-frame';
import { ShownOnce } from './shown-once';
import { LIFETIMES_DAYS, TokensState } from './tokens-state';

/** API tokens, for programs. */
@Component({
  selector: 'vd-tokens-section',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm, EmptyState, Icon, Modal, ProblemText, SectionFrame, ShownOnce],
  templateUrl: './tokens-section.html',
})
export class TokensSection implements OnInit {
  protected readonly state = inject(TokensState);
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly ms = ms;
  protected readonly roles: readonly TokenWire['role'][] = ['viewer', 'admin'];
  protected readonly lifetimes = LIFETIMES_DAYS;
  protected readonly isMaking = signal(false);
  protected readonly name = signal('');
  protected readonly role = signal<TokenWire['role']>('viewer');
  protected readonly days = signal<number | null>(90);
  protected readonly isIncomplete = signal(false);
  protected readonly ending = signal<TokenWire | null>(null);
  protected readonly nowMs = inject(PAGE_CLOCK).now();

  ngOnInit(): void {
    void this.state.list.load();
  }

  protected begin(): void {
    this.name.set('');
    this.isIncomplete.set(false);
    this.state.doing.problem.set(null);
    this.isMaking.set(true);
  }

  protected chooseDays(event: Event): void {
    const chosen = (event.target as HTMLSelectElement).value;
    this.days.set(chosen === '' ? null : Number(chosen));
  }

  protected async make(event: Event): Promise<void> {
    event.preventDefault();
    this.isIncomplete.set(this.name().trim() === '');
    if (this.isIncomplete()) return;
    if (await this.state.create({ name: this.name(), role: this.role(), days: this.days() })) this.isMaking.set(false);
  }

  protected async revoke(): Promise<void> {
    const token = this.ending();
    if (token !== null) await this.state.revoke(token);
    this.ending.set(null);
  }
}
