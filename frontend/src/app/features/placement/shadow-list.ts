import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { PlacementState } from './placement-state';
import { CopyField } from '../../shared/ui/copy-field';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { shadowView } from './shadow-view';
import { injectWords } from './words';

/** To try a strategy out, below an analyzer. */
const EXAMPLE = `execution:
  prefer: [local]
  shadow: { strategy: remote-lan, share: 0.05 }`;

/** How strategies that are tried out compare with those that count. */
@Component({
  selector: 'vd-shadow-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CopyField, Meter, ProblemText],
  templateUrl: './shadow-list.html',
})
export class ShadowList {
  protected readonly placement = inject(PlacementState);
  protected readonly example = EXAMPLE;
  private readonly words = injectWords();
  protected readonly t = this.words.t;
  private readonly dashboard = inject(Dashboard);
  protected readonly views = computed(
    () => this.placement.shadows.value()?.map((shadow) => shadowView(shadow, this.dashboard.work.analyzerTitles(), this.words)) ?? null,
  );
}
