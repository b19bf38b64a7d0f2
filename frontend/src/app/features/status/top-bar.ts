import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { ago, counted } from '../../core/format';
import { KeyboardHelp } from '../../core/keyboard-help';
import { LiveFeed } from '../../core/live-feed';
import { Notices } from '../../core/notices';
import { SessionState } from '../../core/session-state';
import { Icon } from '../../shared/ui/icon';
import { Modal } from '../../shared/ui/modal';

export type PageName = 'live' | 'brands' | 'work';
const PAGES: readonly { readonly name: PageName; readonly title: string; readonly link: string }[] = [
  { name: 'live', title: 'Live', link: '/' },
  { name: 'brands', title: 'Brands', link: '/brands' },
  { name: 'work', title: 'Work', link: '/work' },
];

/** On every page of somebody who is signed in: where to go, whether all is well, and the way out. */
@Component({
  selector: 'vd-top-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Icon, Modal],
  templateUrl: './top-bar.html',
})
export class TopBar {
  /** Where it stands. */
  readonly page = input.required<PageName>();
  protected readonly pages = PAGES;
  protected readonly session = inject(SessionState);
  protected readonly systemOpen = signal(false);
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

  protected async signOut(): Promise<void> {
    try {
      await this.session.signOut();
    } catch (error) {
      this.notices.problem(error);
    }
  }
}
