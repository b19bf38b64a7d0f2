import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Dashboard } from '../../core/dashboard';
import { Notices } from '../../core/notices';
import { SessionState } from '../../core/session-state';
import { ApiClient } from '../../api/api-client';
import type { SystemWire } from '../../api/models';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Meter } from '../../shared/ui/meter';
import { diskView } from './disk-text';
import type { SystemTexts } from './i18n/en';
import { InstallationState } from './installation-state';

/** How the installation is: what is wrong, disks, versions, database, processes. */
@Component({
  selector: 'vd-installation-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Meter, RouterLink],
  templateUrl: './installation-panel.html',
  host: { class: 'installation' },
})
export class InstallationPanel {
  protected readonly t = inject(Texts).of<SystemTexts>('system');
  protected readonly format = inject(LocaleFormat);
  protected readonly dashboard = inject(Dashboard);
  protected readonly session = inject(SessionState);
  protected readonly state = inject(InstallationState);
  private readonly api = inject(ApiClient);
  private readonly notices = inject(Notices);

  protected readonly system = this.dashboard.work.system;
  protected readonly about = this.state.about.value;
  protected readonly disks = computed(
    () => this.state.retention.value()?.places.map((place) => diskView(place, this.t, this.format)) ?? null,
  );
  protected readonly runtimes = computed(() => [...new Set(this.system()?.inference.map(({ runtime }) => runtime))].join(', '));

  protected ago(iso: string): string {
    return this.format.ago(Date.parse(iso), this.dashboard.nowMs());
  }

  /** Of a crash the problems tell as well, in the words of the server. */
  protected readonly problems = computed(() => {
    const system = this.system();
    const crashed = system?.crashes.map(({ role, host }) => `${role} on ${host} ended `) ?? [];
    return system?.problems.filter((problem) => !crashed.some((beginning) => problem.startsWith(beginning))) ?? [];
  });

  protected async acknowledge(crashes: SystemWire['crashes']): Promise<void> {
    const [crash] = crashes;
    if (crash === undefined) return;
    try {
      await this.api.acknowledgeCrashes(crash.upTo);
      await this.dashboard.loadSystem();
    } catch (error) {
      this.notices.problem(error);
    }
  }
}
