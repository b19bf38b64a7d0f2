import { signal } from '@angular/core';
import type { ProblemWire } from '../../api/models';
import { problemFrom } from '../../api/problem';

/** One thing at a time that is changed on the server, and why the last one was refused. */
export class Doing {
  readonly busy = signal(false);
  readonly problem = signal<ProblemWire | null>(null);

  /** @returns whether it was done */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    if (this.busy()) return false;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await work();
      return true;
    } catch (error) {
      this.problem.set(problemFrom(error));
      return false;
    } finally {
      this.busy.set(false);
    }
  }
}
