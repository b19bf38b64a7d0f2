import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Dashboard } from '../../core/dashboard';
import { ago } from '../../core/format';
import { LiveFeed } from '../../core/live-feed';
import { SessionState } from '../../core/session-state';
import { Icon } from '../../shared/ui/icon';
import { Modal } from '../../shared/ui/modal';

@Component({
  selector: 'vd-top-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Icon, Modal],
  templateUrl: './top-bar.html',
})
export class TopBar {
  /** Where it stands. */
  readonly page = input<'live' | 'brands'>('live');
  readonly signOutWanted = output<void>();
  readonly helpWanted = output<void>();
  protected readonly session = inject(SessionState);
  protected readonly systemOpen = signal(false);
  private readonly dashboard = inject(Dashboard);
  private readonly feed = inject(LiveFeed);

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
      text: stale ? 'No contact' : ok ? `${alive} ${alive === 1 ? 'process' : 'processes'} up` : 'Degraded',
      problems: system.problems,
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
}
