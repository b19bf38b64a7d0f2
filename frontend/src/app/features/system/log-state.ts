import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import { problemFrom } from '../../api/problem';
import type { LogEntryWire, ProblemWire, RoleLogsWire } from '../../api/models';
import type { PageClock } from '../../core/page-clock';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const FOLLOW_EVERY_MS = 3_000;
const ENTRIES = 300;

/** The logs of roles, one of them on show. */
export class LogState {
  readonly logs = signal<RoleLogsWire | null>(null);
  readonly entries = signal<readonly LogEntryWire[] | null>(null);
  readonly problem = signal<ProblemWire | null>(null);
  readonly level = signal<LogLevel>('info');
  readonly search = signal('');
  readonly follows = signal(true);
  private readonly chosen = signal<string | null>(null);
  /** The one that is asked for, or that of the worker, where most is told. */
  readonly name = computed(() => {
    const names = this.logs()?.logs.map(({ name }) => name) ?? [];
    const wanted = this.chosen();
    return names.find((name) => name === wanted) ?? names.find((name) => name === 'worker') ?? names[0] ?? null;
  });
  readonly file = computed(() => this.logs()?.logs.find(({ name }) => name === this.name()) ?? null);
  private stopTimer: (() => void) | undefined;
  private questions = 0;

  constructor(
    private readonly api: ApiClient,
    private readonly clock: PageClock,
  ) {}

  start(name: string | null): void {
    this.chosen.set(name);
    void this.load();
    this.stopTimer ??= this.clock.every(FOLLOW_EVERY_MS, () => {
      if (this.follows()) void this.load();
    });
  }

  stop(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  choose(name: string): Promise<void> {
    this.chosen.set(name);
    this.entries.set(null);
    return this.load();
  }
  setLevel(level: LogLevel): Promise<void> {
    this.level.set(level);
    return this.load();
  }
  find(search: string): Promise<void> {
    this.search.set(search);
    return this.load();
  }

  /** The answer to the latest question counts, whichever comes last. */
  async load(): Promise<void> {
    const question = ++this.questions;
    try {
      const logs = await this.api.logs();
      if (question !== this.questions) return;
      this.logs.set(logs);
      const [name, search] = [this.name(), this.search().trim()];
      const entries =
        name === null
          ? []
          : await this.api.log(name, { level: this.level(), limit: String(ENTRIES), ...(search === '' ? {} : { search }) });
      if (question !== this.questions) return;
      this.entries.set(entries);
      this.problem.set(null);
    } catch (error) {
      if (question === this.questions) this.problem.set(problemFrom(error));
    }
  }
}
