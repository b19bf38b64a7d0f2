import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { machinesOf } from './machines';
import { injectWords } from './words';

/** What runs on which machine, and when it last sent a heartbeat. */
@Component({
  selector: 'vd-machine-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<section aria-labelledby="machines-title">
    <h2 id="machines-title">{{ t('machines.title') }}</h2>
    @if (stale()) {
      <p class="callout callout--warn">{{ t('machines.stale') }}</p>
    }
    @if (machines(); as all) {
      <ul class="cards">
        @for (machine of all; track machine.host) {
          <li class="card machine">
            <h3>{{ machine.host }}</h3>
            <p class="quiet">{{ machine.summary }}</p>
            <div class="table-scroll" tabindex="0" role="region" [attr.aria-label]="t('machines.table', { host: machine.host })">
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">{{ t('machines.process') }}</th>
                    <th scope="col">pid</th>
                    <th scope="col">{{ t('machines.runsFor') }}</th>
                    <th scope="col">{{ t('machines.heard') }}</th>
                  </tr>
                </thead>
                <tbody>
                  @for (it of machine.processes; track it.id) {
                    <tr [class.bad]="!it.alive">
                      <th scope="row">
                        <span class="lamp lamp--{{ it.alive ? 'live' : 'failed' }}" aria-hidden="true"></span>{{ it.role }}
                      </th>
                      <td class="mono">{{ it.pid }}</td>
                      <td>{{ it.alive ? it.up : '' }}</td>
                      <td>{{ it.alive ? it.beat : t('machines.lost', { when: it.beat }) }}</td>
                    </tr>
                  }
                </tbody>
              </table>
            </div>
            @if (machine.more > 0) {
              <p class="quiet">{{ t('machines.more', { count: machine.more }) }}</p>
            }
          </li>
        } @empty {
          <li class="quiet">{{ t('machines.empty') }}</li>
        }
      </ul>
    } @else {
      <span class="ghost" aria-hidden="true"></span>
    }
  </section>`,
})
export class MachineList {
  private readonly words = injectWords();
  protected readonly t = this.words.t;
  private readonly dashboard = inject(Dashboard);
  protected readonly stale = this.dashboard.work.systemStale;
  protected readonly machines = computed(() => {
    const system = this.dashboard.work.system();
    return system === null ? null : machinesOf(system.instances, this.dashboard.nowMs(), this.words);
  });
}
