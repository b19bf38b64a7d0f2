import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import type { AppTexts } from '../../i18n/en';
import { Texts } from '../../i18n/texts';
import { PlacementState } from './placement-state';
import { CopyField } from '../../shared/ui/copy-field';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { ApplyChange } from './apply-change';
import { afterText, basisText, queueRows, verdictText, verdictTone } from './capacity-text';
import { stepText } from './change-text';
import { settingsOfSteps } from './plugin-setting';
import { reasonText } from './reason-text';
import { LAMPS, toneOfShare } from './tone';
import { injectWords } from './words';

/** Whether the work fits, queue by queue, and the cheapest change where it does not. */
@Component({
  selector: 'vd-capacity-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ApplyChange, CopyField, Meter, ProblemText],
  templateUrl: './capacity-panel.html',
})
export class CapacityPanel {
  protected readonly placement = inject(PlacementState);
  protected readonly lamps = LAMPS;
  protected readonly words = injectWords();
  protected readonly t = this.words.t;
  protected readonly app = inject(Texts).of<AppTexts>('app');
  private readonly dashboard = inject(Dashboard);

  protected readonly rows = computed(() => queueRows(this.placement.capacity.value(), this.dashboard.work.queues(), this.words));
  protected readonly report = computed(() => {
    const capacity = this.placement.capacity.value();
    if (capacity === null) return null;
    const { t, as } = this.words;
    const { utilisation, gatesOpenUtilisation, cheapest, verdict, reasons } = capacity;
    return {
      tone: verdictTone(capacity),
      verdict: verdictText(capacity, this.words),
      basis: basisText(capacity, this.words),
      reasons: reasons.map((reason) => reasonText(reason, this.words)),
      share: utilisation,
      shareTone: utilisation === null ? ('unknown' as const) : toneOfShare(utilisation),
      peak: gatesOpenUtilisation,
      used: utilisation === null ? t('capacity.nobody') : t('capacity.used', { share: as.share(utilisation) }),
      peakText:
        gatesOpenUtilisation === null || utilisation === null || gatesOpenUtilisation <= utilisation
          ? ''
          : t('capacity.peak', { share: as.share(gatesOpenUtilisation) }),
      helpless: cheapest === null && verdict === 'does-not-fit',
      change:
        cheapest === null || (verdict !== 'does-not-fit' && verdict !== 'tight')
          ? null
          : {
              steps: cheapest.steps.map((step) => stepText(step, this.dashboard.work.analyzerTitles(), this.words)),
              settings: settingsOfSteps(cheapest.steps),
              config: cheapest.config.join('\n'),
              after: afterText(cheapest, this.words),
              fits: cheapest.fits,
            },
    };
  });
}
