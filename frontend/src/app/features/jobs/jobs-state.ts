import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import { problemFrom } from '../../api/problem';
import type {
  BackfillWire,
  ClipWire,
  ImportWire,
  ListedStreamWire,
  ProblemWire,
  QueueReportWire,
  QueueRunWire,
  RetriedRunsWire,
} from '../../api/models';
import type { Notices } from '../../core/notices';
import type { PageClock } from '../../core/page-clock';
import { Polling } from '../../core/polling';

/** What of a queue's runs is listed: one code or reason, or all of a state. */
export interface ShownRuns {
  readonly queue: string;
  readonly state: 'failed' | 'skipped' | 'queued';
  readonly why: string | null;
}

/** Runs that cannot be taken up in their lane, of one queue. */
export interface LeftBehind {
  readonly queue: string;
  readonly groups: RetriedRunsWire['behind'];
}

/** What the page says after something was done. */
export interface JobsWords {
  retried(count: number): string;
  gone(count: number): string;
  cancelled(count: number): string;
  seen(queue: string): string;
  begun(count: number): string;
}

export interface JobsDeps extends PageClock {
  readonly api: ApiClient;
  readonly notices: Notices;
  readonly words: JobsWords;
}

const QUEUES_EVERY_MS = 5_000;
const JOBS_EVERY_MS = 5_000;
const PAGE = 20;
/** A call looks at so many runs at most; of those beyond, somebody asks again. */
const MOST_CALLS = 10;
/** Sources whose streams are fed by imports. */
const FILES = 'file';

/** Queues and jobs, and what can be done to them; asked for while somebody looks. */
export class JobsState {
  readonly queues: Polling<QueueReportWire[]>;
  readonly backfills: Polling<BackfillWire[]>;
  readonly clips: Polling<ClipWire[]>;
  readonly imports: Polling<ImportWire[]>;
  readonly streamNames = signal<ReadonlyMap<string, string>>(new Map());

  readonly shown = signal<ShownRuns | null>(null);
  readonly runs = signal<readonly QueueRunWire[] | null>(null);
  readonly moreRuns = signal<string | null>(null);
  readonly runsProblem = signal<ProblemWire | null>(null);
  readonly behind = signal<LeftBehind | null>(null);
  /** What is being done, by a name of its own: a second click counts for nothing. */
  readonly busy = signal<ReadonlySet<string>>(new Set());

  /** The worst first, then by name. */
  readonly sortedQueues = computed(() =>
    [...(this.queues.value() ?? [])].sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict] || a.name.localeCompare(b.name)),
  );
  private stops: (() => void)[] = [];

  constructor(private readonly deps: JobsDeps) {
    const { api, now } = deps;
    this.queues = new Polling(() => api.queueReports(), now);
    this.backfills = new Polling(() => api.backfills(), now);
    this.clips = new Polling(() => api.clips(), now);
    this.imports = new Polling(() => this.allImports(), now);
  }

  start(): void {
    if (this.stops.length > 0) return;
    const { every } = this.deps;
    this.stops = [every(QUEUES_EVERY_MS, () => void this.queues.load()), every(JOBS_EVERY_MS, () => this.loadJobs())];
    this.load();
  }

  load(): void {
    void this.queues.load();
    this.loadJobs();
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
    for (const part of [this.queues, this.backfills, this.clips, this.imports]) part.clear();
    this.hideRuns();
    this.behind.set(null);
  }

  pause(queue: string): Promise<void> {
    return this.does(`pause ${queue}`, async () => this.put(await this.deps.api.changeQueue(queue, 'pause')));
  }

  resume(queue: string): Promise<void> {
    return this.does(`pause ${queue}`, async () => this.put(await this.deps.api.changeQueue(queue, 'resume')));
  }

  /** All of the queue's failures so far; told again by undoing it. */
  markSeen({ name, newestFailedRunId }: QueueReportWire): Promise<void> {
    return this.does(`seen ${name}`, async () => {
      if (newestFailedRunId === null) return;
      const { api, notices, words } = this.deps;
      this.put(await api.markFailuresSeen(name, newestFailedRunId));
      if (this.shown()?.queue === name) this.hideRuns();
      notices.removed(words.seen(name), () => void this.does(`seen ${name}`, async () => this.put(await api.markFailuresSeen(name, null))));
    });
  }

  /** @param why an error code, or what a reason begins with; null: all */
  retry(queue: string, state: 'failed' | 'skipped', why: string | null): Promise<void> {
    return this.does(`retry ${queue}`, async () => {
      const { api } = this.deps;
      const all: RetriedRunsWire[] = [];
      let after: string | null = null;
      for (let call = 0; call < MOST_CALLS; call++) {
        const answer: RetriedRunsWire = await api.retryRuns(queue, {
          state,
          ...(why === null ? {} : { why }),
          ...(after === null ? {} : { after }),
        });
        all.push(answer);
        after = answer.after;
        if (after === null) break;
      }
      this.tell(queue, all);
      this.hideRuns();
      await this.reload();
    });
  }

  retryRun(run: QueueRunWire): Promise<void> {
    return this.does(`retry ${run.id}`, async () => {
      const answer = await this.deps.api.retryRun(run.id);
      this.tell(run.queue, [answer]);
      if (answer.retried > 0) this.runs.update((list) => list?.filter(({ id }) => id !== run.id) ?? null);
      await this.reload();
    });
  }

  /** Runs that wait are called off; undoing it lets them wait again. */
  cancelWaiting(queue: string): Promise<void> {
    return this.does(`cancel ${queue}`, async () => {
      const { api, notices, words } = this.deps;
      let cancelled = 0;
      for (let call = 0; call < MOST_CALLS; call++) {
        const answer = await api.cancelRuns(queue);
        cancelled += answer.cancelled;
        if (!answer.more) break;
      }
      notices.removed(words.cancelled(cancelled), () => void this.retry(queue, 'skipped', 'cancelled'));
      await this.reload();
    });
  }

  /** What a retry left lies in the past: it is analysed as backfills. */
  analyseBehind(): Promise<void> {
    return this.does('behind', async () => {
      const { api, notices, words } = this.deps;
      const groups = this.behind()?.groups ?? [];
      for (const { analyzerId, streamIds, from, to } of groups)
        await api.createBackfill({ analyzerId, streamIds: streamIds.slice(0, MOST_STREAMS), from, to, onlyMissing: true });
      this.behind.set(null);
      notices.info(words.begun(groups.length));
      await this.backfills.load();
    });
  }

  async showRuns(shown: ShownRuns): Promise<void> {
    this.shown.set(shown);
    this.runs.set(null);
    this.moreRuns.set(null);
    await this.loadRuns();
  }

  hideRuns(): void {
    this.shown.set(null);
    this.runs.set(null);
    this.moreRuns.set(null);
    this.runsProblem.set(null);
  }

  async loadRuns(): Promise<void> {
    const shown = this.shown();
    if (shown === null) return;
    const after = this.moreRuns();
    try {
      const { queue, state, why } = shown;
      const page = await this.deps.api.queueRuns(queue, {
        ...{ state, limit: String(PAGE) },
        ...(why === null ? {} : { why }),
        ...(after === null ? {} : { after }),
      });
      if (this.shown() !== shown) return;
      this.runs.update((list) => [...(list ?? []), ...page.items]);
      this.moreRuns.set(page.next);
      this.runsProblem.set(null);
    } catch (error) {
      if (this.shown() === shown) this.runsProblem.set(problemFrom(error));
    }
  }

  changeBackfill(id: string, change: 'pause' | 'resume' | 'cancel' | 'apply' | 'discard'): Promise<void> {
    return this.does(id, async () => {
      await this.deps.api.changeBackfill(id, change);
      await this.backfills.load();
    });
  }

  changeImport(streamId: string, id: string, change: 'pause' | 'resume' | 'cancel'): Promise<void> {
    return this.does(id, async () => {
      await this.deps.api.changeImport(streamId, id, change);
      await this.imports.load();
    });
  }

  cancelClip(id: string): Promise<void> {
    return this.does(id, async () => {
      await this.deps.api.cancelClip(id);
      await this.clips.load();
    });
  }

  /** Takes a job that has ended off the list; of a clip, its file too. */
  remove(job: { readonly kind: 'backfill' | 'clip' | 'import'; readonly id: string; readonly streamId: string }): Promise<void> {
    return this.does(job.id, async () => {
      const { api } = this.deps;
      if (job.kind === 'backfill') await api.removeBackfill(job.id);
      else if (job.kind === 'clip') await api.removeClip(job.id);
      else await api.removeImport(job.streamId, job.id);
      this.loadJobs();
    });
  }

  private loadJobs(): void {
    for (const part of [this.backfills, this.clips, this.imports]) void part.load();
  }

  private async allImports(): Promise<ImportWire[]> {
    const streams: ListedStreamWire[] = await this.deps.api.streams();
    this.streamNames.set(new Map(streams.map(({ id, name, title }) => [id, title || name])));
    const lists = await Promise.all(streams.filter(({ adapterId }) => adapterId === FILES).map(({ id }) => this.deps.api.imports(id)));
    return lists.flat();
  }

  private put(report: QueueReportWire): void {
    this.queues.value.update((list) => list?.map((one) => (one.name === report.name ? report : one)) ?? null);
  }

  /** What is on its way was asked for before the change. */
  private async reload(): Promise<void> {
    this.queues.forgetQuestion();
    await this.queues.load();
  }

  private tell(queue: string, answers: readonly RetriedRunsWire[]): void {
    const { notices, words } = this.deps;
    const sum = (of: (one: RetriedRunsWire) => number): number => answers.reduce((total, one) => total + of(one), 0);
    const gone = sum((one) => one.gone);
    const groups = merged(answers.flatMap(({ behind }) => behind));
    if (groups.length === 0 || sum((one) => one.retried) > 0)
      notices.info(words.retried(sum((one) => one.retried)), gone > 0 ? words.gone(gone) : undefined);
    this.behind.set(groups.length === 0 ? null : { queue, groups });
  }

  private async does(name: string, work: () => Promise<void>): Promise<void> {
    if (this.busy().has(name)) return;
    this.busy.update((names) => new Set([...names, name]));
    try {
      await work();
    } catch (error) {
      this.deps.notices.problem(error);
    } finally {
      this.busy.update((names) => new Set([...names].filter((one) => one !== name)));
    }
  }
}

/** Streams that one backfill may be of. */
const MOST_STREAMS = 100;
const ORDER: Readonly<Record<QueueReportWire['verdict'], number>> = { failing: 0, unattended: 1, behind: 2, paused: 3, well: 4, idle: 5 };

/** One group for each analyzer and reason, of the whole range. */
function merged(groups: RetriedRunsWire['behind']): RetriedRunsWire['behind'] {
  const byName = new Map<string, RetriedRunsWire['behind'][number]>();
  for (const group of groups) {
    const name = `${group.analyzerId} ${group.why}`;
    const known = byName.get(name);
    byName.set(
      name,
      known === undefined
        ? group
        : {
            ...known,
            runs: known.runs + group.runs,
            streamIds: [...new Set([...known.streamIds, ...group.streamIds])],
            from: known.from < group.from ? known.from : group.from,
            to: known.to > group.to ? known.to : group.to,
          },
    );
  }
  return [...byName.values()];
}
