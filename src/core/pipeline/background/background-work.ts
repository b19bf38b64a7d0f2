import { Inject, Injectable } from '@nestjs/common';
import { ThrottledWarnings } from '../../observability/throttled-warnings.js';
import { LaneRunner } from '../lane-runner.js';
import { PIPELINE_OPTIONS, type PipelineOptions } from '../worker-options.js';

/** How long nothing is looked for after nothing was found; it doubles up to the second one. */
const REST_MS = 250;
const LONGEST_REST_MS = 5_000;
/** While live work leaves no room, it is looked at so often whether it does. */
const ROOM_POLL_MS = 50;
/** So long is gone on with one piece of work before others get their turn. */
const TURN_MS = 2_000;

/** One kind of work that is done when nothing live waits. */
export interface BackgroundTask {
  /** For logs. */
  readonly name: string;
  /**
   * Does a part of it that takes no longer than one segment does, and more as long as `goesOn`.
   * @returns false when there is nothing to do
   */
  work(goesOn: () => boolean, signal: AbortSignal): Promise<boolean>;
}

/**
 * Does what has time: it begins only when an analysis host of this worker is free of live work, and asks again before each further
 * segment. So a live segment waits for one of these at most, and where there are several hosts for none. A worker whose hosts are
 * all busy with live streams does nothing of it.
 */
@Injectable()
export class BackgroundWork {
  private readonly stopping = new AbortController();
  private readonly tasks: BackgroundTask[] = [];
  private underWay = 0;
  private readonly hosts: number;
  private readonly loops: Promise<void>[] = [];
  private wakers: (() => void)[] = [];

  constructor(
    @Inject(LaneRunner) private readonly runner: Pick<LaneRunner, 'liveVisits'>,
    @Inject(ThrottledWarnings) private readonly warnings: Pick<ThrottledWarnings, 'warn'>,
    @Inject(PIPELINE_OPTIONS) options: Pick<PipelineOptions, 'hosts'>,
  ) {
    this.hosts = options.hosts;
  }

  /** Tasks take turns. */
  start(tasks: readonly BackgroundTask[]): void {
    this.tasks.push(...tasks);
    // Where there are several hosts one is always left to what is live.
    const atOnce = Math.max(1, this.hosts - 1);
    for (let i = 0; i < atOnce; i++) this.loops.push(this.loop(i));
  }

  /** There is something to do: looks at once. */
  wake(): void {
    for (const waker of this.wakers.splice(0)) waker();
  }

  /** Begins nothing more; what is under way is called off. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('This worker is stopping'));
    this.wake();
    await Promise.all(this.loops);
  }

  private async loop(first: number): Promise<void> {
    const { signal } = this.stopping;
    let [restMs, next] = [REST_MS, first];
    while (!signal.aborted) {
      if (!this.hasRoom(1)) {
        await this.rest(ROOM_POLL_MS);
        continue;
      }
      let hasFound = false;
      for (let i = 0; i < this.tasks.length && !hasFound && !signal.aborted; i++)
        hasFound = await this.take(this.tasks[next++ % this.tasks.length]!);
      restMs = hasFound ? REST_MS : Math.min(2 * restMs, LONGEST_REST_MS);
      if (!hasFound && (await this.rest(restMs))) restMs = REST_MS;
    }
  }

  private async take(task: BackgroundTask): Promise<boolean> {
    const { signal } = this.stopping;
    const endMs = performance.now() + TURN_MS;
    this.underWay += 1;
    try {
      return await task.work(() => performance.now() < endMs && !signal.aborted && this.hasRoom(0), signal);
    } catch (error) {
      if (!signal.aborted) this.warnings.warn(task.name, error);
      return false;
    } finally {
      this.underWay -= 1;
    }
  }

  /** For so many more, beside what is live and what of this is under way. */
  private hasRoom(more: number): boolean {
    return this.runner.liveVisits + this.underWay + more <= this.hosts;
  }

  /** @returns whether it was woken */
  private rest(ms: number): Promise<boolean> {
    if (this.stopping.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.wakers = this.wakers.filter((one) => one !== waker);
        resolve(false);
      }, ms);
      const waker = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.wakers.push(waker);
    });
  }
}
