import { ChangeDetectionStrategy, Component, inject, input, type OnDestroy, type OnInit } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { EmptyState } from '../../shared/ui/empty-state';
import { ProblemText } from '../../shared/ui/problem-text';
import type { SystemTexts } from './i18n/en';
import { LOG_LEVELS, LogState, type LogLevel } from './log-state';

/** What roles wrote lately. */
@Component({
  selector: 'vd-log-viewer',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [EmptyState, ProblemText],
  templateUrl: './log-viewer.html',
  host: { class: 'logs' },
})
export class LogViewer implements OnInit, OnDestroy {
  /** The one that is asked for. */
  readonly log = input<string | null>(null);

  protected readonly t = inject(Texts).of<SystemTexts>('system');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly format = inject(LocaleFormat);
  protected readonly state = inject(LogState);
  protected readonly levels = LOG_LEVELS;
  private readonly dashboard = inject(Dashboard);

  ngOnInit(): void {
    this.state.start(this.log());
  }

  ngOnDestroy(): void {
    this.state.stop();
  }

  protected ago(iso: string): string {
    return this.format.ago(Date.parse(iso), this.dashboard.nowMs());
  }
  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }
  protected setLevel(event: Event): void {
    void this.state.setLevel(this.valueOf(event) as LogLevel);
  }
}
