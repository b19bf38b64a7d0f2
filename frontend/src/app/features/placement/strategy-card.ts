import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { StrategyWire } from '../../api/models';
import { sentence } from '../../core/format';
import { Spending } from './spending';
import { strategyView } from './strategy-view';
import { LAMPS } from './tone';

/** One strategy: how it is, what it did in the last hour and what it spent. */
@Component({
  selector: 'vd-strategy-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Spending],
  template: `@let it = view();
    <header class="strategy__head">
      <h3>{{ it.title }}</h3>
      <span class="reach reach--{{ it.reach }}" [title]="it.reachSays">{{ it.reach }}</span>
    </header>
    <p class="strategy__health">
      <span class="lamp lamp--{{ lamps[it.health.tone] }}" aria-hidden="true"></span><strong>{{ it.health.word }}</strong>
      <code class="quiet">{{ it.id }}</code>
    </p>
    @for (reason of it.health.reasons; track reason) {
      <p class="strategy__reason">{{ sentence(reason) }}</p>
    }
    @if (it.health.breaker !== null) {
      <dl class="pairs">
        <div>
          <dt>breaker</dt>
          <dd [class.bad]="it.health.breakerTone === 'bad'" [class.warn]="it.health.breakerTone === 'warn'">{{ it.health.breaker }}</dd>
        </div>
      </dl>
    }
    <div class="strategy__hour">
      <h4>Last hour</h4>
      @if (it.idle) {
        <p class="quiet">Nothing ran here.</p>
      } @else {
        <dl class="figures">
          @for (figure of it.hour; track figure.name) {
            <div>
              <dt>{{ figure.name }}</dt>
              <dd class="mono" [class.bad]="figure.bad">{{ figure.text }}</dd>
            </div>
          }
        </dl>
      }
    </div>
    @if (it.spending.length > 0) {
      <div class="strategy__money">
        <h4>Spent</h4>
        <vd-spending [lines]="it.spending" [of]="it.title" />
      </div>
    }
    @if (it.notes.length > 0) {
      <p class="quiet strategy__notes">{{ sentence(it.notes.join('; ')) }}</p>
    }`,
  host: { class: 'panel-box strategy', role: 'listitem' },
})
export class StrategyCard {
  readonly strategy = input.required<StrategyWire>();
  protected readonly view = computed(() => strategyView(this.strategy()));
  protected readonly lamps = LAMPS;
  protected readonly sentence = sentence;
}
