import { signal } from '@angular/core';
import type { ProblemWire } from '../api/models';
import { problemFrom } from '../api/problem';

/** Something that is changed on the server: whether it is under way, and why the last one was refused. */
export class Doing {
  readonly busy = signal(false);
  readonly problem = signal<ProblemWire | null>(null);

  /** One thing at a time: nothing while another is under way. @returns whether it was done */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    return !this.busy() && this.run(work);
  }

  /** Whatever else is under way. @returns whether it was done */
  async run(work: () => Promise<unknown>): Promise<boolean> {
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
