import { ChangeDetectionStrategy, Component, inject, type OnInit } from '@angular/core';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { AuditState } from './audit-state';
import type { SystemTexts } from './i18n/en';

/** The record of who did what. */
@Component({
  selector: 'vd-audit-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText],
  templateUrl: './audit-list.html',
  host: { class: 'audit' },
})
export class AuditList implements OnInit {
  protected readonly t = inject(Texts).of<SystemTexts>('system');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly format = inject(LocaleFormat);
  protected readonly state = inject(AuditState);

  ngOnInit(): void {
    void this.state.start();
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }
  protected at(iso: string): string {
    return this.format.dateTime(Date.parse(iso));
  }
  protected detailOf(detail: Readonly<Record<string, unknown>>): string {
    return Object.entries(detail)
      .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', ');
  }
}
