import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { SessionState } from '../../core/session-state';
import type { AppTexts } from '../../i18n/en';
import { Texts } from '../../i18n/texts';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';
import { ApplyState } from './apply-state';
import type { StepText } from './change-text';
import type { Setting } from './plugin-setting';
import { injectWords } from './words';

/** Sets a change in the settings of plugins, after it was looked at once more; tells that it is set, and takes it back. Admins only. */
@Component({
  selector: 'vd-apply-change',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal, ProblemText],
  template: `@if (session.isAdmin()) {
    @if (state.isSet()) {
      <div class="callout apply__set" role="status">
        <p>
          {{ t('apply.set') }}
          @if (waiting() !== '') {
            {{ t('apply.restart', { processes: waiting() }) }}
          }
        </p>
        @if (state.canUndo()) {
          <button type="button" class="button" [attr.aria-disabled]="state.busy() || null" (click)="state.undo()">
            {{ t('apply.undo') }}
          </button>
        }
      </div>
    } @else {
      <button type="button" class="button button--primary apply__do" (click)="asking.set(true)">{{ t('apply.do') }}</button>
    }
    @if (!asking() && state.problem(); as problem) {
      <vd-problem-text [problem]="problem" />
    }
    <vd-modal [heading]="t('apply.title')" [open]="asking()" (closed)="asking.set(false)">
      <ul class="apply__steps">
        @for (step of steps(); track $index) {
          <li>{{ step.title }}</li>
        }
      </ul>
      <ul class="apply__settings" [attr.aria-label]="t('apply.settings')">
        @for (line of lines(); track line) {
          <li>
            <code>{{ line }}</code>
          </li>
        }
      </ul>
      <p class="quiet">{{ t('apply.text') }}</p>
      @if (state.problem(); as problem) {
        <vd-problem-text [problem]="problem" />
      }
      <footer class="modal__foot">
        <button type="button" class="button" (click)="asking.set(false)">{{ app('confirm.cancel') }}</button>
        <button type="button" class="button button--primary" [attr.aria-disabled]="state.busy() || null" (click)="apply()">
          {{ t('apply.do') }}
        </button>
      </footer>
    </vd-modal>
  }`,
  host: { class: 'apply' },
})
export class ApplyChange {
  readonly steps = input.required<readonly StepText[]>();
  readonly settings = input.required<readonly Setting[]>();
  protected readonly session = inject(SessionState);
  protected readonly state = inject(ApplyState);
  protected readonly t = injectWords().t;
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly asking = signal(false);
  protected readonly lines = computed(() =>
    this.settings().map(({ analyzerId, path, value }) => `${analyzerId} › ${path.join(' › ')}: ${JSON.stringify(value)}`),
  );
  protected readonly waiting = computed(() =>
    this.state
      .waiting()
      .map(({ role, host }) => this.t('apply.process', { role, host }))
      .join(', '),
  );

  constructor() {
    effect(() => {
      const settings = this.settings();
      if (this.session.isAdmin()) void untracked(() => this.state.offer(settings));
    });
  }

  protected async apply(): Promise<void> {
    if (await this.state.apply()) this.asking.set(false);
  }
}
