import { describe, expect, it } from 'vitest';
import type { ClipWire } from '../api/models';
import { WatchedJob } from './watched-job';

const clip = (over: Partial<ClipWire>): ClipWire => ({ id: 'clip-1', state: 'queued', progress: 0, ...over }) as ClipWire;

describe(WatchedJob.name, () => {
  function watched(answers: (() => Promise<ClipWire>)[]) {
    let tick: (() => void) | null = null;
    const ended: string[] = [];
    const job = new WatchedJob<ClipWire>(
      () => answers.shift()!(),
      {
        every: (_, run) => {
          tick = run;
          return () => (tick = null);
        },
      },
      ({ state }) => ended.push(state),
    );
    return { job, ended, tick: () => tick?.(), isAsking: () => tick !== null };
  }

  it('asks until the job has ended, and says so once', async () => {
    const { job, ended, tick, isAsking } = watched([
      async () => clip({ state: 'running', progress: 0.5 }),
      async () => Promise.reject(new Error('down')),
      async () => clip({ state: 'done', progress: 1 }),
    ]);
    job.watch(clip({}));
    tick();
    await expect.poll(() => job.job()?.progress).toBe(0.5);
    tick();
    await expect.poll(() => job.problem()).toBeInstanceOf(Error);
    tick();
    await expect.poll(() => ended).toEqual(['done']);
    expect([isAsking(), job.problem()]).toEqual([false, null]);
  });

  it('asks nothing of one that has ended or is left', () => {
    const { job, isAsking } = watched([]);
    job.watch(clip({ state: 'failed' }));
    expect(isAsking()).toBe(false);
    job.watch(clip({}));
    job.leave();
    expect([isAsking(), job.job()]).toEqual([false, null]);
  });
});
