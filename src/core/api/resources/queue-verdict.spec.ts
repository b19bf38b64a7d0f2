import { describe, expect, it } from 'vitest';
import { judgeQueue, type JudgedQueue } from './queue-verdict.js';

const NOTHING: JudgedQueue = {
  report: {
    queue: 'default',
    waiting: 0,
    running: 0,
    oldestMs: null,
    arrived: 0,
    ended: { done: 0, partial: 0, skipped: 0, failed: 0 },
    skips: [],
    failures: [],
  },
  pause: null,
  workers: 1,
};
const judged = (report: Partial<JudgedQueue['report']>, more: Partial<JudgedQueue> = {}) =>
  judgeQueue({ ...NOTHING, ...more, report: { ...NOTHING.report, ...report } });
const ended = (figures: Partial<JudgedQueue['report']['ended']>) => ({ ...NOTHING.report.ended, ...figures });
const FAILURE = { code: 'VD_X', count: 3, streams: 1, analyzerIds: ['a'], message: 'm', lastAt: new Date(0) };

describe(judgeQueue.name, () => {
  it('says that it keeps up, or has nothing to do', () => {
    expect(judged({})).toEqual({ verdict: 'idle', sentence: 'default has nothing to do' });
    expect(judged({ waiting: 2, oldestMs: 1_600, ended: ended({ done: 600 }) })).toEqual({
      verdict: 'well',
      sentence: 'default keeps up: the oldest run waits 2 s, 2.0 end each second',
    });
  });

  it('says by how much it is behind and why', () => {
    expect(
      judged({
        oldestMs: 62_000,
        waiting: 118,
        arrived: 1_230,
        ended: ended({ done: 500, skipped: 100 }),
        skips: [
          { reason: 'no-motion', count: 60 },
          { reason: 'overload', count: 40 },
        ],
      }),
    ).toEqual({
      verdict: 'behind',
      sentence: 'default is 62 s behind: 4.1 runs come each second, 2.0 end, and 40 runs were skipped to keep up',
    });
  });

  it('does not take what an analyzer had no use for as a sign of being behind', () => {
    expect(judged({ ended: ended({ skipped: 10 }), skips: [{ reason: 'no-motion', count: 10 }] }).verdict).toBe('well');
  });

  it('says that it fails when more than a few do, with the code of most', () => {
    expect(judged({ ended: ended({ done: 96, failed: 4 }), failures: [FAILURE] }).verdict).toBe('well');
    expect(judged({ ended: ended({ done: 2, failed: 3 }), failures: [FAILURE] })).toEqual({
      verdict: 'failing',
      sentence: 'default fails: 3 of 5 runs within 5 minutes, most with VD_X',
    });
  });

  it('puts what somebody decided before everything, and that nobody is there before how it goes', () => {
    const report = { waiting: 1, oldestMs: 90_000 };
    expect(judged(report, { workers: 0 })).toEqual({ verdict: 'unattended', sentence: 'No worker takes default: 1 run waits' });
    expect(judged(report, { workers: 0, pause: { by: 'ann', since: new Date('2026-11-28T09:00:00Z') } })).toEqual({
      verdict: 'paused',
      sentence: 'default is paused by ann since 2026-11-28T09:00:00.000Z: 1 run waits',
    });
  });
});
