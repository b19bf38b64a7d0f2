import { signal } from '@angular/core';
import { problemFrom } from '../api/problem';
import type { ProblemWire } from '../api/models';

/** Something that the server is asked for again and again. The last answer stays on show when a later question fails. */
export class Polling<T> {
  readonly value = signal<T | null>(null);
  /** Why the last question was not answered; null: it was. */
  readonly problem = signal<ProblemWire | null>(null);
  /** When the value came, by this machine's clock. */
  readonly answeredAtMs = signal<number | null>(null);
  private asking: symbol | null = null;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly now: () => number,
  ) {}

  /** One question at a time: a slow server is not asked a second one meanwhile. */
  async load(): Promise<void> {
    if (this.asking !== null) return;
    const question = (this.asking = Symbol());
    try {
      const value = await this.ask();
      if (this.asking !== question) return;
      this.value.set(value);
      this.answeredAtMs.set(this.now());
      this.problem.set(null);
    } catch (error) {
      if (this.asking === question) this.problem.set(problemFrom(error));
    } finally {
      if (this.asking === question) this.asking = null;
    }
  }

  /** What is asked for has changed: the answer that may be on its way is of no use. */
  forgetQuestion(): void {
    this.asking = null;
  }

  /** Forgets everything, the answer that may be on its way too. */
  clear(): void {
    this.forgetQuestion();
    this.value.set(null);
    this.problem.set(null);
    this.answeredAtMs.set(null);
  }
}
