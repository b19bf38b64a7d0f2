import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { StrategyWire } from '../../api/models';
import { sentence } from '../../core/format';
import { TickedText } from '../../shared/ui/ticked-text';
import { Spending } from './spending';
import { strategyView } from './strategy-view';
import { LAMPS } from './tone';
import { injectWords } from './words';

/** One strategy: how it is, what it did in the last hour and what it spent. */
@Component({
  selector: 'vd-strategy-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Spending, TickedText],
  template: `@let it = view();
    <div class="strategy__now">
      <header class="strategy__head">
        <h3>{{ it.title }}</h3>
        <span class="reach reach--{{ it.reach }}" [title]="it.reachSays">{{ it.reachWord }}</span>
      </header>
      <p class="strategy__health">
        <span class="lamp lamp--{{ lamps[it.health.tone] }}" aria-hidden="true"></span><strong>{{ it.health.word }}</strong>
        <code class="quiet">{{ it.id }}</code>
      </p>
      @for (reason of it.health.reasons; track reason) {
        <p class="strategy__reason"><vd-ticked-text [text]="sentence(reason)" /></p>
      }
      @if (it.health.rest; as rest) {
        <p class="warn">{{ rest }}</p>
      }
    </div>
    <div class="strategy__hour">
      <h4>{{ t('hour.title') }}</h4>
      @if (it.idle) {
        <p class="quiet">{{ t('hour.idle') }}</p>
      } @else {
        <dl class="figures">
          @for (figure of it.hour; track figure.name) {
            <div>
              <dt [title]="figure.says ?? ''">{{ figure.name }}</dt>
              <dd class="mono" [class.bad]="figure.bad === true">{{ figure.text }}</dd>
            </div>
          }
        </dl>
      }
    </div>
    <div class="strategy__rest">
      @if (it.spending.length > 0) {
        <div class="strategy__money">
          <h4>{{ t('spent.title') }}</h4>
          <vd-spending [lines]="it.spending" [of]="it.title" />
        </div>
      }
      @if (it.notes.length > 0) {
        <p class="quiet strategy__notes">{{ it.notes.join(' ') }}</p>
      }
    </div>`,
  host: { class: 'card strategy', role: 'listitem' },
})
export class StrategyCard {
  private readonly words = injectWords();
  protected readonly t = this.words.t;
  readonly strategy = input.required<StrategyWire>();
  protected readonly view = computed(() => strategyView(this.strategy(), this.words));
  protected readonly lamps = LAMPS;
  protected readonly sentence = sentence;
}
