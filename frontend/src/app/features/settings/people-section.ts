import { ChangeDetectionStrategy, Component, inject, signal, type OnInit } from '@angular/core';
import type { PersonWire } from '../../api/models';
import { SERVER_URL } from '../../core/server-address';
import { PAGE_CLOCK } from '../../core/page-clock';
import { SessionState } from '../../core/session-state';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import { Icon } from '../../shared/ui/icon';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';
import type { SettingsTexts } from './i18n/en';
import { ms } from './moment';
import { invitationLink, PeopleState, type Role } from './people-state';
import { SectionFrame } from './section-frame';
import { ShownOnce } from './shown-once';

/** Who may come in: invite, change, shut out. */
@Component({
  selector: 'vd-people-section',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm, Icon, Modal, ProblemText, SectionFrame, ShownOnce],
  templateUrl: './people-section.html',
})
export class PeopleSection implements OnInit {
  protected readonly state = inject(PeopleState);
  protected readonly session = inject(SessionState);
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly ms = ms;
  protected readonly roles: readonly Role[] = ['viewer', 'admin'];
  protected readonly isInviting = signal(false);
  protected readonly name = signal('');
  protected readonly role = signal<Role>('viewer');
  protected readonly isIncomplete = signal(false);
  protected readonly leaving = signal<PersonWire | null>(null);
  protected readonly nowMs = inject(PAGE_CLOCK).now();
  private readonly serverUrl = inject(SERVER_URL);

  ngOnInit(): void {
    void this.state.list.load();
  }

  protected link(): string {
    const made = this.state.link();
    return made === null ? '' : invitationLink(this.serverUrl, made.token);
  }

  protected begin(): void {
    this.name.set('');
    this.role.set('viewer');
    this.isIncomplete.set(false);
    this.state.doing.problem.set(null);
    this.isInviting.set(true);
  }

  protected async invite(event: Event): Promise<void> {
    event.preventDefault();
    this.isIncomplete.set(this.name().trim() === '');
    if (!this.isIncomplete() && (await this.state.invite(this.name(), this.role()))) this.isInviting.set(false);
  }

  protected async setRole(person: PersonWire, event: Event): Promise<void> {
    const select = event.target as HTMLSelectElement;
    if (!(await this.state.setRole(person, select.value as Role))) select.value = person.role;
  }

  protected async remove(): Promise<void> {
    const person = this.leaving();
    if (person !== null) await this.state.remove(person);
    this.leaving.set(null);
  }
}
