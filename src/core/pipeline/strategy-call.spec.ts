import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AnalysisJob, type AnalysisOutcome, CodedError, type ExecutionStrategy, type JobProgress } from '../plugin-api/index.js';
import { callStrategy, spentBy, StrategyFailure } from './strategy-call.js';

const LIMIT_MS = 1_000;
const job = { jobId: 'j', tasks: [] } as unknown as AnalysisJob;
const outcome: AnalysisOutcome = { tasks: [], wallMs: 1, cpuMs: 1, decodeCpuMs: 0, executedBy: 'me' };
const calledOff = new CodedError('ACME_ABORTED', 'called off', undefined, { cost: 2 });

/** What comes of a strategy that does as it is told, step by step on a clock of the test's. */
async function call(
  steps: (progress: JobProgress) => Promise<void>,
  signal = new AbortController().signal,
): Promise<StrategyFailure | 'done'> {
  const execute: ExecutionStrategy['execute'] = (_, aborted, progress) =>
    new Promise((resolve, reject) => {
      aborted.addEventListener('abort', () => reject(calledOff));
      void steps(progress!).then(() => resolve(outcome), reject);
    });
  const called = callStrategy({ id: 'odd', strategy: { execute } as ExecutionStrategy }, job, signal, LIMIT_MS).then(
    () => 'done' as const,
    (error: unknown) => error as StrategyFailure,
  );
  await vi.advanceTimersByTimeAsync(20 * LIMIT_MS);
  return called;
}
const passing = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe(callStrategy.name, () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('names a time-out as one, with what it has cost', async () => {
    const failure = await call(() => passing(1.5 * LIMIT_MS));
    expect(failure).toMatchObject({ cause: { code: 'VD_PIPELINE_TIMEOUT', cost: 2 }, hasBegun: true });
    expect(spentBy(failure as StrategyFailure)).toBe(2);
  });

  it('counts the time from when the work begins', async () => {
    const steps = async (progress: JobProgress): Promise<void> => {
      progress.waits();
      await passing(0.9 * LIMIT_MS);
      progress.begins();
      await passing(0.9 * LIMIT_MS);
    };
    expect(await call(steps)).toBe('done');
  });

  it('says of a job that only waited that it has not begun', async () => {
    const failure = await call(async (progress) => (progress.waits(), passing(1.5 * LIMIT_MS)));
    expect(failure).toMatchObject({ cause: { code: 'VD_PIPELINE_NOT_BEGUN' }, hasBegun: false });
    const refused = await call(async (progress) => (progress.waits(), Promise.reject(new CodedError('ACME_FULL', 'no place'))));
    expect(refused).toMatchObject({ cause: { code: 'ACME_FULL' }, hasBegun: false });
  });

  it('counts a job that began, whatever it waits for afterwards', async () => {
    const steps = async (progress: JobProgress): Promise<void> => {
      progress.waits();
      progress.begins();
      progress.waits();
      throw new CodedError('ACME_LOST', 'the other end died');
    };
    expect(await call(steps)).toMatchObject({ cause: { code: 'ACME_LOST' }, hasBegun: true });
  });

  it.each(['VD_MEDIA_SEGMENT_GONE', 'VD_MEDIA_FETCH_FAILED', 'VD_ANALYSIS_HOST_CRASHED'])(
    'keeps %s as it is, waiting or not',
    async (code) => {
      const failure = await call(async (progress) => (progress.waits(), Promise.reject(new CodedError(code, 'so'))));
      expect(failure).toMatchObject({ cause: { code }, hasBegun: true });
    },
  );

  it('blames the strategy for what it throws without a code, and cannot know what that cost', async () => {
    const failure = await call(() => Promise.reject(new Error('boom')));
    expect(failure).toMatchObject({ cause: { code: 'VD_PIPELINE_STRATEGY_FAILED', message: 'boom' } });
    expect(spentBy(failure as StrategyFailure)).toBe(Number.POSITIVE_INFINITY);
  });

  it('leaves what happens when it is called off from outside under its own name', async () => {
    const outside = new AbortController();
    const failure = await call(async () => (outside.abort(), passing(LIMIT_MS / 2)), outside.signal);
    expect(failure).toMatchObject({ cause: { code: 'ACME_ABORTED' } });
  });
});
