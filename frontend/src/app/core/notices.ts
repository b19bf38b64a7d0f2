import { signal } from '@angular/core';
import type { ProblemWire } from '../api/models';
import { problemFrom } from '../api/problem';

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'problem';
  readonly title: string;
  readonly detail?: string;
  readonly code?: string;
  readonly fix?: string;
  /** Something to do about it: its button's text and what it does. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

const KEPT = 4;

/** Short messages to the user. Problems stay until dismissed, the rest goes by itself. */
export class Notices {
  readonly list = signal<readonly Notice[]>([]);
  private nextId = 1;

  constructor(private readonly after: (delayMs: number, run: () => void) => void = (delayMs, run) => void setTimeout(run, delayMs)) {}

  info(title: string, detail?: string): void {
    const id = this.add({ tone: 'info', title, ...(detail === undefined ? {} : { detail }) });
    this.after(6_000, () => this.dismiss(id));
  }

  /** Told after something was removed; `undo` brings it back. Stays longer than other messages, for there is something to decide. */
  removed(title: string, undo: () => void): void {
    const id = this.add({
      tone: 'info',
      title,
      action: {
        label: 'Undo',
        run: () => {
          this.dismiss(id);
          undo();
        },
      },
    });
    this.after(20_000, () => this.dismiss(id));
  }

  problem(error: unknown): void {
    const problem: ProblemWire = problemFrom(error);
    const same = this.list().find((notice) => notice.code === problem.code && notice.detail === problem.detail);
    if (same) return;
    this.add({
      tone: 'problem',
      title: problem.title,
      detail: problem.detail,
      code: problem.code,
      ...(problem.fix === undefined ? {} : { fix: problem.fix }),
    });
  }

  dismiss(id: number): void {
    this.list.update((list) => list.filter((notice) => notice.id !== id));
  }

  private add(notice: Omit<Notice, 'id'>): number {
    const id = this.nextId++;
    this.list.update((list) => [...list, { id, ...notice }].slice(-KEPT));
    return id;
  }
}
