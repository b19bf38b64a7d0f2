import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { ago, counted } from '../../core/format';
import { KeyboardHelp } from '../../core/keyboard-help';
import { LiveFeed } from '../../core/live-feed';
import { Notices } from '../../core/notices';
import { SessionState } from '../../core/session-state';
import type { AppTexts } from '../../i18n/en';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { Modal } from '../../shared/ui/modal';
import { AccountMenu } from './account-menu';

/** On every page of somebody who is signed in: whether all is well, and what is one's own. */
@Component({
  selector: 'vd-top-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AccountMenu, Icon, Modal, RouterLink],
  templateUrl: './top-bar.html',
})
export class TopBar {
  /** Whether the page has keys of its own, which their help tells. */
  readonly hasKeys = input(false);
  protected readonly t = inject(Texts).of<AppTexts>('app');
  protected readonly systemOpen = signal(false);
  protected readonly session = inject(SessionState);
  private readonly api = inject(ApiClient);
  private readonly dashboard = inject(Dashboard);
  private readonly feed = inject(LiveFeed);
  private readonly notices = inject(Notices);
  protected readonly help = inject(KeyboardHelp);

  protected readonly connection = computed(() => {
    switch (this.feed.state()) {
      case 'open':
        return { tone: 'live', text: 'Connected', detail: 'Results arrive as they are made' };
      case 'waiting': {
        const due = this.feed.retryAtMs() ?? 0;
        const seconds = Math.max(1, Math.ceil((due + this.feed.clockSkewMs() - this.dashboard.nowMs()) / 1000));
        return { tone: 'retrying', text: `Reconnecting in ${seconds} s`, detail: 'What is missed meanwhile comes after' };
      }
      default:
        return { tone: 'starting', text: 'Connecting', detail: '' };
    }
  });
  protected readonly system = computed(() => {
    const system = this.dashboard.work.system();
    if (system === null) return null;
    const now = this.dashboard.nowMs();
    const alive = system.instances.filter((instance) => instance.alive).length;
    const failedPlugins = this.dashboard.work.plugins().filter((plugin) => plugin.state === 'failed');
    const stale = this.dashboard.work.systemStale();
    const ok = !stale && system.status === 'ok' && failedPlugins.length === 0;
    return {
      version: system.version,
      ok,
      text: stale ? 'No contact' : ok ? `${counted(alive, 'process', 'processes')} up` : 'Degraded',
      problems: system.problems,
      crashedUpTo: system.crashes[0]?.upTo ?? null,
      failedPlugins,
      plugins: this.dashboard.work.plugins(),
      backend: system.queueBackend,
      instances: system.instances.map((instance) => ({
        ...instance,
        since: ago(Date.parse(instance.startedAt), now).replace(' ago', ''),
        beat: ago(Date.parse(instance.heartbeatAt), now),
      })),
    };
  });

  protected async acknowledge(upTo: string): Promise<void> {
    try {
      await this.api.acknowledgeCrashes(upTo);
      await this.dashboard.loadSystem();
    } catch (error) {
      this.notices.problem(error);
    }
  }
}
