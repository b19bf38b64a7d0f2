import { ChangeDetectionStrategy, Component, computed, effect, ElementRef, inject, signal, untracked, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { Notices } from '../../core/notices';
import { SessionState } from '../../core/session-state';
import type { Level } from '../../core/status-state';
import type { AppTexts } from '../../i18n/en';
import type { HealthTexts } from '../../i18n/health/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon, type IconName } from '../../shared/ui/icon';
import type { StatusTexts } from './i18n/en';
import { verdictRows } from './verdict-rows';

const ICONS: Readonly<Record<Level, IconName>> = { good: 'check', warn: 'alert', bad: 'alert', unknown: 'clock' };

/** One sentence: how the installation is. Behind it every cause, with its fix and the way there. */
@Component({
  selector: 'vd-verdict',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Icon],
  templateUrl: './verdict.html',
})
export class Verdict {
  protected readonly t = inject(Texts).of<StatusTexts>('status');
  protected readonly format = inject(LocaleFormat);
  protected readonly session = inject(SessionState);
  protected readonly dashboard = inject(Dashboard);
  private readonly app = inject(Texts).of<AppTexts>('app');
  private readonly health = inject(Texts).of<HealthTexts>('health');
  private readonly api = inject(ApiClient);
  private readonly notices = inject(Notices);
  protected readonly menuId = `vd-verdict-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  private readonly menu = viewChild.required<ElementRef<HTMLElement>>('menu');

  protected readonly level = computed<Level>(() => this.dashboard.status.now().level);
  protected readonly icon = computed(() => ICONS[this.level()]);
  protected readonly rows = computed(() => verdictRows(this.dashboard.status.now(), { t: this.t, app: this.app, health: this.health }));
  protected readonly sentence = computed(() => {
    const [first] = this.rows();
    if (first === undefined) return this.t('good');
    const since = first.sinceMs === null ? '' : ` ${this.sinceText(first.sinceMs)}`;
    return `${first.text}${since}`;
  });
  /** Figures that go up and down are not read out again and again. */
  protected readonly announced = signal('');
  private readonly kind = computed(() => `${this.level()} ${this.rows()[0]?.id ?? ''}`);

  constructor() {
    effect(() => {
      this.kind();
      this.announced.set(untracked(() => this.sentence()));
    });
  }

  protected sinceText(sinceMs: number): string {
    return this.t('since', { time: this.format.since(sinceMs, this.dashboard.nowMs()) });
  }

  protected close(): void {
    this.menu().nativeElement.hidePopover();
  }

  protected async acknowledge(upTo: string): Promise<void> {
    try {
      await this.api.acknowledgeCrashes(upTo);
      await this.dashboard.loadSystem();
    } catch (error) {
      this.notices.problem(error);
    }
  }
}
