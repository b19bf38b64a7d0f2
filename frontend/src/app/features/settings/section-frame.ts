import { ChangeDetectionStrategy, Component, inject, input, output } from '@angular/core';
import type { ProblemWire } from '../../api/models';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { TickedText } from '../../shared/ui/ticked-text';

/** A section of the settings: its heading, and its states around what it shows once that is known. */
@Component({
  selector: 'vd-section-frame',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText, TickedText],
  template: `<header class="section__head">
      <div>
        <h2>{{ heading() }}</h2>
        <p class="quiet"><vd-ticked-text [text]="text()" /></p>
      </div>
      <div class="page-head__actions"><ng-content select="[actions]" /></div>
    </header>
    @if (isKnown()) {
      @if (problem() !== null) {
        <p class="callout callout--warn" role="status">
          {{ app('state.asOf', { time: fmt.dateTime(readAtMs()) }) }}
          <button type="button" class="link" (click)="again.emit()">{{ app('state.again') }}</button>
        </p>
      }
      <ng-content />
    } @else if (problem(); as it) {
      <vd-problem-text [problem]="it" />
      <button type="button" class="button section__again" (click)="again.emit()">{{ app('state.again') }}</button>
    } @else {
      <p class="loading" role="status"><span class="spinner"></span>{{ app('state.loading') }}</p>
    }`,
  host: { class: 'section' },
})
export class SectionFrame {
  readonly heading = input.required<string>();
  readonly text = input('');
  readonly isKnown = input.required<boolean>();
  readonly problem = input<ProblemWire | null>(null);
  readonly readAtMs = input(0);
  readonly again = output<void>();
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly fmt = inject(LocaleFormat);
}
