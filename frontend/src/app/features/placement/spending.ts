import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Meter } from '../../shared/ui/meter';
import type { SpendingLine } from './spending-text';
import { toneOfShare } from './tone';
import { injectWords } from './words';

/** What was spent, against the budgets that there are. */
@Component({
  selector: 'vd-spending',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Meter],
  template: `@for (line of lines(); track $index) {
    <div class="spending__line">
      <span>{{ line.text }}</span>
      @if (line.share !== null) {
        <vd-meter [share]="line.share" [tone]="tone(line.share)" [label]="t('spent.budgetOf', { what: of() })" [text]="line.text" />
      }
    </div>
  }`,
  host: { class: 'spending' },
})
export class Spending {
  readonly lines = input.required<readonly SpendingLine[]>();
  /** Whose it is. */
  readonly of = input.required<string>();

  protected readonly t = injectWords().t;
  /** All of a budget spent is the end of it, not a full house. */
  protected readonly tone = (share: number): 'good' | 'warn' | 'bad' | 'unknown' => (share >= 1 ? 'bad' : toneOfShare(share));
}
