import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { QueueWire, RunState } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { humanName } from '../../core/format';
import type { StreamView } from '../../core/stream-view';
import type { HealthTexts } from '../../i18n/health/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';

/** Behind by more than this the analysis no longer keeps up with a live stream. */
const LATE_MS = 10_000;
/** `idle`: skipped because the segment holds nothing for its analyzer. */
const RUN_STATES: readonly (Extract<RunState, 'done' | 'partial' | 'skipped' | 'failed'> | 'idle')[] = [
  'done',
  'idle',
  'partial',
  'skipped',
  'failed',
];

/** Runs as the ledger counts them: what is to do, what is being done, what became of it. */
@Component({
  selector: 'vd-queue-strip',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<section class="queues" aria-labelledby="queues-title" tabindex="0">
    <h2 id="queues-title" class="hidden">{{ t('queue.title') }}</h2>
    @for (row of rows(); track row.name) {
      <dl class="queue" [class.queue--late]="row.late" [attr.aria-label]="row.title">
        <div class="queue__name">
          <dt class="hidden">{{ t('queue.title') }}</dt>
          <dd>{{ row.title }}</dd>
        </div>
        <div>
          <dt>{{ t('queue.waiting') }}</dt>
          <dd class="mono">{{ row.waiting }}</dd>
        </div>
        <div>
          <dt>{{ t('queue.active') }}</dt>
          <dd class="mono">{{ row.active }}</dd>
        </div>
        <div [class.warn]="row.late">
          <dt>{{ t('queue.lag') }}</dt>
          <dd class="mono">{{ row.lag }}</dd>
        </div>
        <div class="queue__minute" [class.bad]="row.failed" [class.warn]="row.skipped">
          <dt>{{ t('queue.lastMinute') }}</dt>
          <dd class="mono">{{ row.minute }}</dd>
        </div>
      </dl>
    } @empty {
      <p class="empty">{{ t('queue.none') }}</p>
    }
    @if (runs().length > 0) {
      <dl class="queue queue--runs" [attr.aria-label]="t('queue.ofStream')">
        <div class="queue__name">
          <dt class="hidden">{{ t('queue.title') }}</dt>
          <dd>{{ t('queue.ofStream') }}</dd>
        </div>
        @for (run of runs(); track run.state) {
          <div [class.bad]="run.state === 'failed' && run.count > 0" [class.warn]="run.state === 'skipped' && run.count > 0">
            <dt>{{ stateName(run.state) }}</dt>
            <dd class="mono">{{ run.count }}</dd>
          </div>
        }
      </dl>
    }
  </section>`,
})
export class QueueStrip {
  readonly view = input<StreamView | null>(null);
  protected readonly t = inject(Texts).of<HealthTexts>('health');
  private readonly format = inject(LocaleFormat);
  private readonly dashboard = inject(Dashboard);

  protected readonly rows = computed(() =>
    this.dashboard.work.queues().map((queue) => ({
      name: queue.name,
      title: humanName(queue.name),
      // The ledger counts what is to do; the queue counts its doorbells, the dead ones too.
      waiting: queue.runsQueued,
      active: queue.runsRunning,
      lag: queue.lagMs > 0 ? this.format.duration(queue.lagMs) : '0 s',
      late: queue.lagMs > LATE_MS,
      skipped: queue.lastMinute.skipped > 0,
      failed: queue.lastMinute.failed > 0,
      minute: this.minuteOf(queue),
    })),
  );
  protected readonly runs = computed(() => {
    const counts = this.view()?.runsByState() ?? {};
    return Object.keys(counts).length === 0
      ? []
      : RUN_STATES.filter((state) => state !== 'idle' || counts.idle !== undefined).map((state) => ({ state, count: counts[state] ?? 0 }));
  });

  protected stateName(state: (typeof RUN_STATES)[number]): string {
    return this.t(`queue.states.${state}`);
  }

  private minuteOf({ lastMinute: { done, partial, skipped, failed }, skipReasons }: QueueWire): string {
    const why = skipReasons.map(({ reason, count }) => (skipReasons.length === 1 ? reason : `${reason} ${count}`)).join(', ');
    return [
      this.t('queue.done', { count: done }),
      ...(partial > 0 ? [this.t('queue.partial', { count: partial })] : []),
      ...(skipped > 0 ? [this.t('queue.skipped', { count: skipped, why })] : []),
      ...(failed > 0 ? [this.t('queue.failed', { count: failed })] : []),
    ].join(', ');
  }
}
