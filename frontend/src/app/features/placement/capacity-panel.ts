import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { percent } from '../../core/format';
import { PlacementState } from './placement-state';
import { CopyField } from '../../shared/ui/copy-field';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { TickedText } from '../../shared/ui/ticked-text';
import { afterText, basisText, queueRows, stepText, verdictText, verdictTone } from './capacity-text';
import { LAMPS, toneOfShare } from './tone';

/** Whether the work fits, queue by queue, and the cheapest change where it does not. */
@Component({
  selector: 'vd-capacity-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CopyField, Meter, ProblemText, TickedText],
  templateUrl: './capacity-panel.html',
})
export class CapacityPanel {
  protected readonly placement = inject(PlacementState);
  protected readonly lamps = LAMPS;
  private readonly dashboard = inject(Dashboard);

  protected readonly rows = computed(() => queueRows(this.placement.capacity.value(), this.dashboard.work.queues()));
  protected readonly report = computed(() => {
    const capacity = this.placement.capacity.value();
    if (capacity === null) return null;
    const { utilisation, gatesOpenUtilisation, cheapest, verdict, reasons } = capacity;
    return {
      tone: verdictTone(capacity),
      verdict: verdictText(capacity),
      basis: basisText(capacity),
      reasons,
      share: utilisation,
      shareTone: utilisation === null ? ('unknown' as const) : toneOfShare(utilisation),
      peak: gatesOpenUtilisation,
      used: utilisation === null ? 'nobody is there to do it' : `${percent(utilisation)} of what analysis may count on is used`,
      peakText:
        gatesOpenUtilisation === null || utilisation === null || gatesOpenUtilisation <= utilisation
          ? ''
          : `${percent(gatesOpenUtilisation)} with every gate open`,
      helpless: cheapest === null && verdict === 'does-not-fit',
      change:
        cheapest === null || (verdict !== 'does-not-fit' && verdict !== 'tight')
          ? null
          : { steps: cheapest.steps.map(stepText), config: cheapest.config.join('\n'), after: afterText(cheapest), fits: cheapest.fits },
    };
  });
}
