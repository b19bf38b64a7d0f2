import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, output } from '@angular/core';
import type { EventGroupWire } from '../../api/models';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';
import { CaseState, MOST_CLIPS } from './case-state';
import { EventWords } from './event-words';

/** Asks what the archive of clips is to be called, and has it made. */
@Component({
  selector: 'vd-case-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal, ProblemText],
  template: `<vd-modal [heading]="t('case.heading')" [open]="groups() !== null" (closed)="closed.emit()">
    @if (groups(); as chosen) {
      <form (submit)="begin($event, chosen)">
        <p class="quiet">{{ t('case.text') }}</p>
        <label class="field"
          >{{ t('case.title') }}
          <input class="input" maxlength="200" required [value]="title()" (input)="title.set($any($event.target).value)" />
        </label>
        @if (chosen.length > most) {
          <p class="callout callout--warn">{{ t('case.tooMany', { most }) }}</p>
        }
        @if (cases.problem(); as problem) {
          <vd-problem-text [problem]="problem" />
        }
        <footer class="modal__foot">
          <button type="submit" class="button button--primary" [attr.aria-disabled]="isBlocked() || null">{{ t('case.begin') }}</button>
        </footer>
      </form>
    }
  </vd-modal>`,
})
export class CaseDialog {
  /** null: it is shut. */
  readonly groups = input.required<readonly EventGroupWire[] | null>();
  readonly closed = output<void>();
  protected readonly cases = inject(CaseState);
  private readonly words = inject(EventWords);
  protected readonly t = this.words.t;
  protected readonly most = MOST_CLIPS;
  protected readonly title = linkedSignal({
    source: this.groups,
    computation: (groups) => {
      const newest = groups?.[0]?.event.startAt;
      return newest === undefined ? '' : this.t('case.suggested', { day: this.words.as.day(Date.parse(newest)) });
    },
  });
  protected readonly isBlocked = computed(
    () => this.cases.isBusy() || this.title().trim() === '' || (this.groups()?.length ?? 0) > MOST_CLIPS,
  );

  protected async begin(event: Event, groups: readonly EventGroupWire[]): Promise<void> {
    event.preventDefault();
    if (!this.isBlocked() && (await this.cases.begin(this.title().trim(), groups))) this.closed.emit();
  }
}
