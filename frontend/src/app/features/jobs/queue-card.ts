import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from '@angular/core';
import type { QueueReportWire } from '../../api/models';
import { humanName } from '../../core/format';
import { SessionState } from '../../core/session-state';
import { LocaleFormat } from '../../i18n/locale-format';
import { type Key, Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import { TickedText } from '../../shared/ui/ticked-text';
import type { JobsTexts } from './i18n/en';
import { JobsState } from './jobs-state';
import { queueSentence } from './queue-sentence';
import { RunList } from './run-list';
import { LAMPS, VERDICT_TONES } from './tone';

/** How one queue does, what fails in it and what can be done about that. */
@Component({
  selector: 'vd-queue-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm, RunList, TickedText],
  templateUrl: './queue-card.html',
  host: { class: 'card jobs-queue', role: 'listitem', '[class.jobs-queue--wide]': 'queue().failures.length > 0' },
})
export class QueueCard {
  readonly queue = input.required<QueueReportWire>();
  readonly played = output<{ readonly streamName: string; readonly at: string }>();
  protected readonly state = inject(JobsState);
  protected readonly session = inject(SessionState);
  protected readonly format = inject(LocaleFormat);
  protected readonly t = inject(Texts).of<JobsTexts>('jobs');
  protected readonly asking = signal(false);

  protected readonly title = computed(() => humanName(this.queue().name));
  protected readonly tone = computed(() => VERDICT_TONES[this.queue().verdict]);
  protected readonly lamp = computed(() => LAMPS[this.tone()]);
  protected readonly sentence = computed(() => queueSentence(this.queue(), this.t, this.format));
  /** What waits is more than what comes and goes. */
  protected readonly piles = computed(() => this.queue().waiting > 0 && ['paused', 'behind', 'unattended'].includes(this.queue().verdict));
  protected readonly behind = computed(() => {
    const behind = this.state.behind();
    return behind?.queue === this.queue().name ? behind.groups : null;
  });
  protected readonly behindRuns = computed(() => (this.behind() ?? []).reduce((sum, { runs }) => sum + runs, 0));
  protected readonly busy = computed(() => [...this.state.busy()].some((name) => name.endsWith(` ${this.queue().name}`)));
  protected readonly figures = computed(() => {
    const { waiting, running, oldestMs, arrivedPerSecond, endedPerSecond, waitMs, runMs } = this.queue();
    const pair = (value: { p50: number; p95: number } | null): string =>
      value === null ? this.t('figures.none') : `${this.format.duration(value.p50)} · ${this.format.duration(value.p95)}`;
    return [
      { label: this.t('figures.waiting'), value: this.format.number(waiting), hint: '' },
      { label: this.t('figures.running'), value: this.format.number(running), hint: '' },
      { label: this.t('figures.oldest'), value: oldestMs === null ? this.t('figures.none') : this.format.duration(oldestMs), hint: '' },
      {
        label: this.t('figures.rate'),
        value: this.t('figures.perSecond', {
          arrived: this.format.number(arrivedPerSecond, 1),
          ended: this.format.number(endedPerSecond, 1),
        }),
        hint: this.t('figures.rateHint'),
      },
      { label: this.t('figures.wait'), value: pair(waitMs), hint: this.t('figures.percentiles') },
      { label: this.t('figures.run'), value: pair(runMs), hint: this.t('figures.percentiles') },
    ];
  });

  protected readonly shownSkip = computed(() => this.queue().skips.find(({ reason }) => this.isShown('skipped', reason)));
  protected readonly dateOf = Date.parse;

  protected isShown(state: 'failed' | 'skipped', why: string): boolean {
    const shown = this.state.shown();
    return shown?.queue === this.queue().name && shown.state === state && shown.why === why;
  }

  protected toggle(state: 'failed' | 'skipped', why: string): void {
    if (this.isShown(state, why)) this.state.hideRuns();
    else void this.state.showRuns({ queue: this.queue().name, state, why });
  }

  protected cancelWaiting(): void {
    this.asking.set(false);
    void this.state.cancelWaiting(this.queue().name);
  }

  /** A text whose key is made of what the server says. */
  protected word(key: string): string {
    return this.t(key as Key<JobsTexts>);
  }
}
