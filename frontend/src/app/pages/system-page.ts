import { ChangeDetectionStrategy, Component, computed, inject, input, type OnDestroy, type OnInit, ViewEncapsulation } from '@angular/core';
import { RouterLink } from '@angular/router';
import { SERVER_URL } from '../core/server-address';
import { SessionState } from '../core/session-state';
import { AuditList } from '../features/system/audit-list';
import type { SystemTexts } from '../features/system/i18n/en';
import { InstallationPanel } from '../features/system/installation-panel';
import { InstallationState } from '../features/system/installation-state';
import { LicenceList } from '../features/system/licence-list';
import { LogViewer } from '../features/system/log-viewer';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

const SECTIONS = ['overview', 'logs', 'audit', 'licences'] as const;
type Section = (typeof SECTIONS)[number];
const FOR_ADMINS: readonly Section[] = ['logs', 'audit'];

/** What keeps the installation running, and who did what to it. */
@Component({
  selector: 'vd-system-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/system/system.css',
  imports: [AuditList, EmptyState, Icon, InstallationPanel, LicenceList, LogViewer, PageHead, ProblemText, RouterLink],
  templateUrl: './system-page.html',
})
export class SystemPage implements OnInit, OnDestroy {
  readonly section = input<string>();
  readonly log = input<string>();

  protected readonly t = inject(Texts).of<SystemTexts>('system');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly session = inject(SessionState);
  protected readonly state = inject(InstallationState);
  protected readonly sections = SECTIONS;
  protected readonly diagnosticsUrl = `${inject(SERVER_URL)}/api/system/diagnostics`;
  private readonly format = inject(LocaleFormat);
  protected readonly here = computed(() => SECTIONS.find((section) => section === this.section()) ?? 'overview');
  protected readonly isForbidden = computed(() => FOR_ADMINS.includes(this.here()) && !this.session.isAdmin());
  protected readonly staleSince = computed(() => {
    const atMs = this.state.retention.answeredAtMs();
    return this.state.problem() === null || atMs === null ? null : this.format.time(atMs);
  });

  ngOnInit(): void {
    this.state.start();
  }

  ngOnDestroy(): void {
    this.state.stop();
  }
}
