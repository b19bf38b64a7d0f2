import { describe, expect, it } from 'vitest';
import type { TaskOutcome } from '../plugin-api/index.js';
import { toSettlement } from './settlements.js';

const ended = (more: Partial<Extract<TaskOutcome, { status: 'done' | 'partial' }>>): TaskOutcome => ({
  runId: '1',
  status: 'done',
  results: [],
  framesSeen: 60,
  framesExpected: 60,
  cpuMs: 1,
  ...more,
});

describe(toSettlement.name, () => {
  it('calls a segment partial of which frames are missing, whatever the strategy calls it', () => {
    expect(toSettlement(ended({ framesSeen: 44 }), undefined)).toMatchObject({ state: 'partial', reason: '44 of 60 frames' });
    expect(toSettlement(ended({}), undefined)).toMatchObject({ state: 'done' });
    expect(toSettlement(ended({ status: 'partial', reason: 'hole' }), undefined)).toMatchObject({ state: 'partial', reason: 'hole' });
  });

  it('tries again only what may be tried again, and only while attempts are left', () => {
    const failed = (retryable: boolean): TaskOutcome => ({ runId: '1', status: 'failed', code: 'VD_X', message: 'x', retryable });
    expect(toSettlement(failed(true), 500)).toMatchObject({ state: 'failed', retryInMs: 500 });
    expect(toSettlement(failed(true), undefined)).not.toHaveProperty('retryInMs');
    expect(toSettlement(failed(false), 500)).not.toHaveProperty('retryInMs');
  });

  it('skips a segment that turned out to be gone', () => {
    expect(toSettlement({ runId: '1', status: 'failed', code: 'VD_MEDIA_SEGMENT_GONE', message: 'x', retryable: false }, 500)).toEqual({
      state: 'skipped',
      reason: 'missing',
    });
  });

  it('has a run wait whose segment is on a machine that is away', () => {
    const away: TaskOutcome = {
      runId: '1',
      status: 'failed',
      code: 'VD_MEDIA_NODE_AWAY',
      message: 'http://b: connect ECONNREFUSED',
      retryable: true,
    };
    expect(toSettlement(away, undefined)).toEqual({
      state: 'returned',
      strategyReason: 'waits for its segment: http://b: connect ECONNREFUSED',
      retryInMs: 2_000,
    });
  });

  it('keeps a checkpoint only where there is one', () => {
    expect(toSettlement(ended({ checkpoint: null }), undefined)).toHaveProperty('checkpoint', null);
    expect(toSettlement(ended({}), undefined)).not.toHaveProperty('checkpoint');
  });
});
