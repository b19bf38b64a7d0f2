import { signal } from '@angular/core';
import type { BackfillWire, ClipWire } from '../api/models';
import type { PageClock } from './page-clock';

type Job = ClipWire | BackfillWire;

const ASK_EVERY_MS = 1_000;
const ENDED: ReadonlySet<Job['state']> = new Set(['done', 'failed', 'cancelled'] as const);

export const hasEnded = ({ state }: Job): boolean => ENDED.has(state);

/** A job of the server that is asked for every second until it has ended. */
export class WatchedJob<J extends Job> {
  readonly job = signal<J | null>(null);
  readonly problem = signal<unknown>(null);
  private stop: (() => void) | null = null;

  constructor(
    private readonly ask: (id: string) => Promise<J>,
    private readonly clock: Pick<PageClock, 'every'>,
    private readonly onEnd: (job: J) => void = () => undefined,
  ) {}

  watch(job: J): void {
    this.leave();
    this.job.set(job);
    if (!hasEnded(job)) this.stop = this.clock.every(ASK_EVERY_MS, () => void this.look(job.id));
  }

  leave(): void {
    this.stop?.();
    this.stop = null;
    this.job.set(null);
    this.problem.set(null);
  }

  private async look(id: string): Promise<void> {
    try {
      const job = await this.ask(id);
      if (this.job()?.id !== id) return;
      this.job.set(job);
      this.problem.set(null);
      if (!hasEnded(job) || this.stop === null) return;
      this.stop();
      this.stop = null;
      this.onEnd(job);
    } catch (error) {
      // The next question may be answered; the job goes on meanwhile.
      if (this.job()?.id === id) this.problem.set(error);
    }
  }
}
