import { computed, signal } from '@angular/core';
import type { PluginWire, QueueWire, ServerMessage, SystemWire } from '../api/models';

/** How the work goes: queues, plugins, processes. */
export class WorkState {
  readonly queues = signal<readonly QueueWire[]>([]);
  readonly plugins = signal<readonly PluginWire[]>([]);
  readonly system = signal<SystemWire | null>(null);
  /** The last question after the system went unanswered: what is known of it is old. */
  readonly systemStale = signal(false);

  readonly lastMinute = computed(() => {
    const sum = { done: 0, partial: 0, skipped: 0, failed: 0 };
    for (const queue of this.queues()) {
      sum.done += queue.lastMinute.done;
      sum.partial += queue.lastMinute.partial;
      sum.skipped += queue.lastMinute.skipped;
      sum.failed += queue.lastMinute.failed;
    }
    return sum;
  });
  readonly analyzerTitles = computed(
    () => new Map(this.plugins().flatMap((plugin) => plugin.analyzers.map((analyzer) => [analyzer.id, analyzer.title] as const))),
  );

  apply(message: ServerMessage): void {
    if (message.type === 'queues') this.queues.set(message.queues);
  }

  clear(): void {
    this.queues.set([]);
    this.plugins.set([]);
    this.system.set(null);
    this.systemStale.set(false);
  }
}
