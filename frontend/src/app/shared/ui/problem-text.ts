import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { ProblemWire } from '../../api/models';
import { TickedText } from './ticked-text';

/** What went wrong, where, and how to mend it. */
@Component({
  selector: 'vd-problem-text',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [TickedText],
  template: `@let it = problem();
    <strong>{{ it.title }}</strong>
    @if (it.detail && it.detail !== it.title && !it.errors?.length) {
      <p><vd-ticked-text [text]="it.detail" /></p>
    }
    @for (field of it.errors ?? []; track field.path) {
      <p>
        <code>{{ field.path }}</code>: {{ field.message }}
      </p>
    }
    @if (it.fix) {
      <p class="problem__fix"><vd-ticked-text [text]="it.fix" /></p>
    }
    <code class="problem__code">{{ it.code }}</code>`,
  host: { class: 'problem', role: 'alert' },
})
export class ProblemText {
  readonly problem = input.required<ProblemWire>();
}
