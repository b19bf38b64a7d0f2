import { describe, expect, it, vi } from 'vitest';
import type { AnalysisJob } from 'vedette/plugin';
import { HostFigures } from './host-figures.js';

const job = { queue: 'q' } as AnalysisJob;
const status = { running: 0, waiting: 0, yours: 0, capacity: 2, rssBytes: 1, loadAverage: 0 };

describe(HostFigures.name, () => {
  it('counts what others have there as the host says, and its own as it knows', () => {
    const figures = new HostFigures();
    figures.told({ ...status, running: 2, waiting: 3, yours: 4 });
    const ends = [figures.began(job, 0), figures.began(job, 0)];
    expect(figures.loadFor('q', 0)).toMatchObject({ capacity: 2, ahead: 3 });
    for (const ended of ends) ended(false);
    expect(figures.loadFor('q', 0)).toMatchObject({ ahead: 1, msPerJob: undefined });
  });

  it('measures by queue, leaves waiting out, and forgets', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const figures = new HostFigures();
      figures.told({ ...status, running: 2, waiting: 1 });
      const ended = figures.began(job, 0);
      vi.advanceTimersByTime(400);
      ended(true);
      expect([figures.loadFor('q', 0).msPerJob, figures.loadFor('other', 0).msPerJob]).toEqual([200, undefined]);
      vi.advanceTimersByTime(31_000);
      expect(figures.loadFor('q', 0).msPerJob).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not take the start of the host’s processes for slowness', () => {
    const figures = new HostFigures();
    figures.told({ ...status, capacity: 0 });
    figures.began(job, 0)(true);
    expect(figures.loadFor('q', 0).msPerJob).toBeUndefined();
  });
});
