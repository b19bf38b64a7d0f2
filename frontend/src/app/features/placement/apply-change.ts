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

/** What somebody is asked about stays as it is, whatever the next report says. */
interface Asked {
  readonly steps: readonly StepText[];
  readonly settings: readonly Setting[];
}

/** Sets a change in the settings of plugins, after it was looked at once more; tells that it is set, and takes it back. Admins only. */
@Component({
  selector: 'vd-apply-change',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal, ProblemText],
  template: `@if (session.isAdmin()) {
    @if (state.isSet()) {
      <p class="callout" role="status">
        {{ t('apply.set') }}
        @if (waiting() !== '') {
          {{ t('apply.restart', { processes: waiting() }) }}
        }
      </p>
    }
    @if (!state.isSet() || state.canUndo()) {
      <div class="apply__buttons">
        @if (!state.isSet()) {
          <button type="button" class="button button--primary" (click)="ask()">{{ t('apply.do') }}</button>
        }
        @if (state.canUndo()) {
          <button type="button" class="button" [attr.aria-disabled]="state.busy() || null" (click)="state.undo()">
            {{ t('apply.undo') }}
          </button>
        }
      </div>
    }
    @if (asking() === null && state.problem(); as problem) {
      <vd-problem-text [problem]="problem" />
    }
    <vd-modal [heading]="t('apply.title')" [open]="asking() !== null" (closed)="asking.set(null)">
      <ul class="apply__steps">
        @for (step of asking()?.steps; track $index) {
          <li>
            {{ step.title }} <span class="quiet">{{ step.notes.slice(0, 2).join('; ') }}</span>
          </li>
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
        <button type="button" class="button" (click)="asking.set(null)">{{ app('confirm.cancel') }}</button>
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
  protected readonly asking = signal<Asked | null>(null);
  protected readonly lines = computed(() => {
    const settings = this.asking()?.settings ?? [];
    return settings.map(({ analyzerId, path, value }) => `${[analyzerId, ...path].join(' › ')}: ${JSON.stringify(value)}`);
  });
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

  protected ask(): void {
    this.state.problem.set(null);
    this.asking.set({ steps: this.steps(), settings: this.settings() });
  }

  protected async apply(): Promise<void> {
    if (await this.state.apply(this.asking()?.settings ?? [])) this.asking.set(null);
  }
}
