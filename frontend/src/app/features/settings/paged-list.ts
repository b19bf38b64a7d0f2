import { signal } from '@angular/core';
import type { Page, ProblemWire } from '../../api/models';
import { problemFrom } from '../../api/problem';

/** A list that is read page by page, and what of it is being changed. */
export class PagedList<T extends { readonly id: string }> {
  /** Null: not asked for so far. */
  readonly items = signal<readonly T[] | null>(null);
  readonly next = signal<string | null>(null);
  readonly isLoading = signal(false);
  /** Why it could not be read; what was read before stays. */
  readonly problem = signal<ProblemWire | null>(null);
  /** When it was read, by this machine's clock. */
  readonly readAtMs = signal(0);

  constructor(
    private readonly read: (after: string | null) => Promise<Page<T>>,
    private readonly nowMs: () => number = () => Date.now(),
  ) {}

  /** From the beginning. */
  load(): Promise<void> {
    return this.readPage(null);
  }

  async more(): Promise<void> {
    const next = this.next();
    if (next !== null) await this.readPage(next);
  }

  /** In its place, or at the end. */
  put(item: T): void {
    const items = this.items() ?? [];
    const isKnown = items.some(({ id }) => id === item.id);
    this.items.set(isKnown ? items.map((known) => (known.id === item.id ? item : known)) : [...items, item]);
  }

  drop(id: string): void {
    this.items.update((items) => items?.filter((item) => item.id !== id) ?? null);
  }

  private async readPage(after: string | null): Promise<void> {
    this.isLoading.set(true);
    try {
      const page = await this.read(after);
      this.items.update((items) => (after === null ? page.items : [...(items ?? []), ...page.items]));
      this.next.set(page.next);
      this.readAtMs.set(this.nowMs());
      this.problem.set(null);
    } catch (error) {
      this.problem.set(problemFrom(error));
    } finally {
      this.isLoading.set(false);
    }
  }
}
