import { randomUUID } from 'node:crypto';
import { CodedError, errorText, type Logger } from '../plugin-api/index.js';
import type { ClipJobs } from '../persistence/clips/clip-jobs.js';
import type { ClipFolder } from './clip-folder.js';

/** What makes clips. */
export interface ClipTrade {
  /**
   * Makes the file in its working folder. @returns its name there
   * @param progressed is told the share of the work that is done
   */
  make(id: string, folder: string, signal: AbortSignal, progressed: (share: number) => void): Promise<string>;
  /** It has ended, well or not. */
  ended(id: string): Promise<void>;
}

export interface RunnerTimings {
  readonly lookEveryMs: number;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  readonly tidyEveryMs: number;
}

export const RUNNER_TIMINGS: RunnerTimings = { lookEveryMs: 2_000, leaseMs: 30_000, renewEveryMs: 1_000, tidyEveryMs: 60_000 };

/** Somebody cancelled or deleted the job, or another process has taken it over. */
class NoLongerOurs extends Error {}

/**
 * Makes what people asked for, one piece at a time. Jobs are rows; whoever has the lease of one is at it. A process that was killed has its
 * jobs taken up by the next that looks, and what it left in the folder is deleted.
 */
export class ClipRunner {
  private readonly owner = randomUUID();
  private readonly stopping = new AbortController();
  private underWay: Promise<void> | undefined;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly parts: {
      readonly jobs: ClipJobs;
      readonly folder: ClipFolder;
      readonly trade: ClipTrade;
      readonly logger: Logger;
      readonly timings?: RunnerTimings;
    },
  ) {}

  start(): void {
    const { lookEveryMs, tidyEveryMs } = this.timings;
    this.every(tidyEveryMs, 'tidying clips', () => this.tidy());
    this.every(lookEveryMs, 'looking for clips to make', () => this.look());
    void this.tidy().catch((error: unknown) => this.parts.logger.warn('Clips could not be tidied', { error }));
  }

  /** There is something to do: not only at the next look. */
  ring(): void {
    void this.look().catch((error: unknown) => this.parts.logger.debug('Looking for clips failed', { error }));
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.stopping.abort(new NoLongerOurs('this process ends'));
    await this.underWay?.catch(() => undefined);
  }

  private get timings(): RunnerTimings {
    return this.parts.timings ?? RUNNER_TIMINGS;
  }

  private look(): Promise<void> {
    this.underWay ??= this.work().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  private async work(): Promise<void> {
    const { jobs } = this.parts;
    while (!this.stopping.signal.aborted) {
      const id = await jobs.claim(this.owner, this.timings.leaseMs);
      if (id === null) return;
      await this.do(id);
    }
  }

  private async do(id: string): Promise<void> {
    const { jobs, folder, logger, trade } = this.parts;
    const called = new AbortController();
    const signal = AbortSignal.any([called.signal, this.stopping.signal]);
    let progress = 0;
    const renewing = setInterval(() => {
      void jobs
        .renew(id, this.owner, progress, this.timings.leaseMs)
        .then((isOurs) => isOurs || called.abort(new NoLongerOurs('it was called off')))
        .catch((error: unknown) => logger.debug('A lease could not be renewed', { id, error }));
    }, this.timings.renewEveryMs);
    try {
      const place = await folder.work(id);
      signal.throwIfAborted();
      const name = await trade.make(id, place, signal, (share) => (progress = share));
      signal.throwIfAborted();
      const file = { ...(await folder.keep(id, name)), host: await folder.host() };
      if (!(await jobs.succeed(id, this.owner, file))) await folder.remove(id);
      else logger.info('A clip was made', { id, sizeBytes: file.sizeBytes });
    } catch (error) {
      if (this.stopping.signal.aborted) await jobs.release(id, this.owner).catch(() => undefined);
      else if (!called.signal.aborted) await this.failed(id, error);
      if (this.stopping.signal.aborted) return;
    } finally {
      clearInterval(renewing);
      await folder.endWork(id);
    }
    await trade.ended(id);
  }

  private async failed(id: string, error: unknown): Promise<void> {
    const code = error instanceof CodedError ? error.code : 'VD_API_INTERNAL';
    this.parts.logger.warn('A clip could not be made', { id, error });
    await this.parts.jobs.fail(id, this.owner, { code, detail: errorText(error) });
  }

  /** What is too old goes, and so do files that no row knows and working folders of processes that are gone. */
  private async tidy(): Promise<void> {
    const { jobs, folder, trade } = this.parts;
    for (const id of [...(await jobs.giveUp()), ...(await jobs.expiring())]) await trade.ended(id);
    await jobs.expire();
    const files = await folder.files();
    const known = await jobs.known(files);
    for (const id of files) if (!known.has(id)) await folder.remove(id);
    // One that was taken over this moment is younger.
    const works = await folder.works(this.timings.leaseMs);
    const busy = await jobs.busy(works);
    for (const id of works) if (!busy.has(id)) await folder.endWork(id);
  }

  private every(ms: number, what: string, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => this.parts.logger.warn(`${what} failed and will be tried again`, { error }));
    }, ms);
    timer.unref();
    this.timers.push(timer);
  }
}
