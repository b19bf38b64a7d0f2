import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { StrategyWire } from '../../api/models';
import { Meter } from '../../shared/ui/meter';
import { LAMPS, toneOfShare } from './tone';
import { injectWords } from './words';
import { hostsOf } from './worker-hosts';

/** Machines that a strategy sends work to, with how busy each is. Shown where a strategy of the own network is there. */
@Component({
  selector: 'vd-worker-host-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Meter],
  template: `@if (hasLan() || hosts().length > 0) {
    <section aria-labelledby="hosts-title">
      <h2 id="hosts-title">{{ t('hosts.title') }}</h2>
      <ul class="cards">
        @for (host of hosts(); track host.key) {
          <li class="card host">
            <h3>{{ host.name }}</h3>
            <p class="strategy__health">
              <span class="lamp lamp--{{ lamps[host.tone] }}" aria-hidden="true"></span><strong>{{ host.state }}</strong>
              @if (ofMany()) {
                <span class="quiet">{{ host.strategy }}</span>
              }
            </p>
            @if (host.reason) {
              <p class="strategy__reason">{{ host.reason }}</p>
            }
            @if (host.load !== null) {
              <vd-meter
                [share]="host.load"
                [tone]="toneOf(host.load)"
                [label]="t('hosts.loadLabel', { name: host.name })"
                [text]="host.loadText ?? ''"
              />
            }
            @if (host.loadText !== null) {
              <p class="host__load">{{ host.loadText }}</p>
            }
            <ul class="host__facts quiet">
              @if (host.address !== null && host.address !== host.name) {
                <li class="mono">{{ host.address }}</li>
              }
              @for (fact of host.facts; track fact) {
                <li>{{ fact }}</li>
              }
            </ul>
          </li>
        } @empty {
          <li class="quiet">{{ t('hosts.empty') }} <code>vedette worker-host --token-file …</code>. {{ t('hosts.emptyAfter') }}</li>
        }
      </ul>
    </section>
  }`,
})
export class WorkerHostList {
  private readonly words = injectWords();
  protected readonly t = this.words.t;
  readonly strategies = input.required<readonly StrategyWire[]>();
  protected readonly hosts = computed(() => hostsOf(this.strategies(), this.words));
  /** Of more than one strategy: then each says of which. */
  protected readonly ofMany = computed(() => new Set(this.hosts().map(({ strategy }) => strategy)).size > 1);
  protected readonly hasLan = computed(() => this.strategies().some(({ reach }) => reach === 'lan'));
  protected readonly lamps = LAMPS;
  /** All of a host at work is what it is there for; more than it can do at once waits. */
  protected readonly toneOf = (load: number): 'good' | 'warn' => (toneOfShare(load) === 'bad' ? 'warn' : 'good');
}
