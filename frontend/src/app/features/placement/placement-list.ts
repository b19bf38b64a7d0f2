import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { StrategyWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { PlacementState } from './placement-state';
import { placementRows } from './placement-rows';
import { Spending } from './spending';
import { LAMPS } from './tone';
import { injectWords } from './words';

/** Which analyzer may go where, in which order, how soon it must be done and what it takes. */
@Component({
  selector: 'vd-placement-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Spending],
  template: `<section aria-labelledby="placement-title">
    <h2 id="placement-title">{{ t('placement.title') }}</h2>
    <ul class="card placements">
      @for (row of rows(); track row.id) {
        <li class="placement">
          <div>
            <h3>{{ row.title }}</h3>
            <p class="quiet">{{ row.deadline }}</p>
          </div>
          <ol class="placement__places" [attr.aria-label]="t('placement.order', { name: row.title })">
            @for (place of row.places; track place.id) {
              <li>
                <span class="lamp lamp--{{ lamps[place.tone] }}" aria-hidden="true"></span>
                <code>{{ place.id }}</code>
                <span class="hidden">{{ place.word }}</span>
                <span class="quiet">{{ place.pace }}</span>
              </li>
            }
          </ol>
          <div class="placement__takes">
            @for (text of row.takes; track text) {
              <p class="quiet">{{ text }}</p>
            }
            <vd-spending [lines]="row.spending" [of]="row.title" />
          </div>
        </li>
      } @empty {
        <li class="quiet">{{ t('placement.empty') }}</li>
      }
    </ul>
    @if (!hasCloud()) {
      <p class="quiet work__note">{{ t('placement.noCloud') }}</p>
    }
  </section>`,
})
export class PlacementList {
  readonly strategies = input.required<readonly StrategyWire[]>();
  protected readonly lamps = LAMPS;
  private readonly words = injectWords();
  protected readonly t = this.words.t;
  private readonly placement = inject(PlacementState);
  private readonly dashboard = inject(Dashboard);
  protected readonly rows = computed(() =>
    placementRows(this.strategies(), this.placement.capacity.value(), this.dashboard.work.analyzerTitles(), this.words),
  );
  protected readonly hasCloud = computed(() => this.strategies().some(({ reach }) => reach === 'cloud'));
}
