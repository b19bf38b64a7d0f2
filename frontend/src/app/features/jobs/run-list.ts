import { ChangeDetectionStrategy, Component, computed, inject, output } from '@angular/core';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { ProblemText } from '../../shared/ui/problem-text';
import type { JobsTexts } from './i18n/en';
import { JobsState } from './jobs-state';

/** Runs that came to nothing, each with what happened, a way to its moment and one more try. */
@Component({
  selector: 'vd-run-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ProblemText],
  template: `@if (state.runsProblem(); as problem) {
      <vd-problem-text [problem]="problem" />
    }
    @if (state.runs(); as runs) {
      @if (runs.length === 0) {
        <p class="quiet">{{ t('runs.none') }}</p>
      } @else {
        <div class="table-scroll" tabindex="0" role="region" [attr.aria-label]="caption()">
          <table class="table jobs-runs">
            <caption class="hidden">
              {{
                caption()
              }}
            </caption>
            <thead>
              <tr>
                <th scope="col">{{ t('runs.when') }}</th>
                <th scope="col">{{ t('runs.stream') }}</th>
                <th scope="col">{{ t('runs.analyzer') }}</th>
                <th scope="col">{{ t('runs.attempts') }}</th>
                <th scope="col">{{ t('runs.what') }}</th>
                <th scope="col">
                  <span class="hidden">{{ t('runs.actions') }}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              @for (run of runs; track run.id) {
                <tr>
                  <td class="mono">{{ format.dateTime(dateOf(run.at)) }}</td>
                  <td>{{ run.streamName }}</td>
                  <td>{{ run.analyzerId }}</td>
                  <td class="mono">{{ run.attempt }}</td>
                  <td class="jobs-runs__what">{{ run.errorMessage ?? run.reason }}</td>
                  <td class="jobs-runs__actions">
                    <button
                      type="button"
                      class="tool"
                      [attr.aria-label]="t('runs.play', { name: run.streamName, time: format.dateTime(dateOf(run.at)) })"
                      (click)="played.emit({ streamName: run.streamName, at: run.at })"
                    >
                      <vd-icon name="play" />
                    </button>
                    <button
                      type="button"
                      class="tool"
                      [attr.aria-label]="
                        t('action.of', { action: t('action.retry'), name: run.streamName + ', ' + format.time(dateOf(run.at)) })
                      "
                      (click)="state.retryRun(run)"
                    >
                      <vd-icon name="undo" />
                    </button>
                  </td>
                </tr>
              }
            </tbody>
          </table>
        </div>
        @if (state.moreRuns() !== null) {
          <button type="button" class="button" (click)="state.loadRuns()">{{ t('runs.more') }}</button>
        }
      }
    } @else if (state.runsProblem() === null) {
      <p class="loading" role="status"><span class="spinner" aria-hidden="true"></span>{{ app('state.loading') }}</p>
    }`,
  host: { class: 'jobs-run-list' },
})
export class RunList {
  readonly played = output<{ readonly streamName: string; readonly at: string }>();
  protected readonly state = inject(JobsState);
  protected readonly format = inject(LocaleFormat);
  private readonly texts = inject(Texts);
  protected readonly t = this.texts.of<JobsTexts>('jobs');
  protected readonly app = this.texts.of<AppTexts>('app');
  protected readonly dateOf = Date.parse;
  protected readonly caption = computed(() => {
    const shown = this.state.shown();
    return this.t('runs.caption', { queue: shown?.queue ?? '', why: shown?.why ?? '' });
  });
}
