import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { RunState } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { briefDuration, humanName } from '../../core/format';
import type { StreamView } from '../../core/stream-view';

/** Behind by more than this the analysis no longer keeps up with a live stream. */
const LATE_MS = 10_000;
/** `idle`: skipped because the segment holds nothing for its analyzer. */
const RUN_STATES: readonly (RunState | 'idle')[] = ['done', 'idle', 'partial', 'skipped', 'failed'];

@Component({
  selector: 'vd-queue-strip',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<section class="queues" aria-labelledby="queues-title">
    <h2 id="queues-title" class="hidden">Queues</h2>
    @for (row of rows(); track row.queue.name) {
      <dl class="queue" [class.queue--late]="row.late" [attr.aria-label]="row.title">
        <div class="queue__name">
          <dt class="hidden">Queue</dt>
          <dd>{{ row.title }}</dd>
        </div>
        <div>
          <dt>waiting</dt>
          <dd class="mono">{{ row.waiting }}</dd>
        </div>
        <div>
          <dt>active</dt>
          <dd class="mono">{{ row.active }}</dd>
        </div>
        <div [class.bad]="row.queue.failed > 0">
          <dt>failed</dt>
          <dd class="mono">{{ row.queue.failed }}</dd>
        </div>
        <div [class.warn]="row.late">
          <dt>lag</dt>
          <dd class="mono">{{ row.lag }}</dd>
        </div>
        <div class="queue__minute">
          <dt>last minute</dt>
          <dd class="mono">{{ row.minute }}</dd>
        </div>
      </dl>
    } @empty {
      <p class="empty">No queues reported yet.</p>
    }
    @if (runs().length > 0) {
      <dl class="queue queue--runs" aria-label="Runs of this stream">
        <div class="queue__name">
          <dt class="hidden">Runs</dt>
          <dd>This stream's runs</dd>
        </div>
        @for (run of runs(); track run.state) {
          <div [class.bad]="run.state === 'failed' && run.count > 0" [class.warn]="run.state === 'skipped' && run.count > 0">
            <dt>{{ run.state }}</dt>
            <dd class="mono">{{ run.count }}</dd>
          </div>
        }
      </dl>
    }
  </section>`,
})
export class QueueStrip {
  readonly view = input<StreamView | null>(null);
  private readonly dashboard = inject(Dashboard);

  protected readonly rows = computed(() =>
    this.dashboard.work.queues().map((queue) => {
      const { done, partial, skipped, failed } = queue.lastMinute;
      const lacking = [
        partial > 0 ? `${partial} partial` : '',
        skipped > 0 ? `${skipped} skipped` : '',
        failed > 0 ? `${failed} failed` : '',
      ];
      return {
        queue,
        title: humanName(queue.name),
        // The ledger counts what is to do, the queue only its doorbells.
        waiting: Math.max(queue.runsQueued, queue.waiting + queue.delayed),
        active: Math.max(queue.runsRunning, queue.active),
        lag: queue.lagMs > 0 ? briefDuration(queue.lagMs) : '0 s',
        late: queue.lagMs > LATE_MS,
        minute: [`${done} done`, ...lacking.filter((text) => text !== '')].join(', '),
      };
    }),
  );
  protected readonly runs = computed(() => {
    const counts = this.view()?.runsByState() ?? {};
    return Object.keys(counts).length === 0
      ? []
      : RUN_STATES.filter((state) => state !== 'idle' || counts.idle !== undefined).map((state) => ({ state, count: counts[state] ?? 0 }));
  });
}
