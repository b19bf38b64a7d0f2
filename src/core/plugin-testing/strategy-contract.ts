import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, flawIn, outcomeSchema, type AnalysisJob, type ExecutionStrategy } from '../plugin-api/index.js';
import type { TestRunner } from './test-runner.js';

/** A strategy that works, and a job it can do. */
export interface StrategyUnderTest {
  readonly strategy: ExecutionStrategy;
  readonly job: AnalysisJob;
  close?(): Promise<void>;
}

const SOON_MS = 5_000;

/**
 * What core relies on in every execution strategy: an answer for each task exactly once, a prompt end when called off, and
 * errors that are coded.
 * @example describeStrategyContract({ describe, it }, 'local', async () => ({ strategy: new LocalStrategy(pool), job }));
 */
export function describeStrategyContract({ describe, it }: TestRunner, id: string, setUp: () => Promise<StrategyUnderTest>): void {
  const using = async (work: (subject: StrategyUnderTest) => Promise<void>): Promise<void> => {
    const subject = await setUp();
    try {
      await work(subject);
    } finally {
      await subject.strategy.close?.();
      await subject.close?.();
    }
  };

  describe(`strategy ${id} keeps the execution strategy contract`, () => {
    it('answers for every task of a job exactly once', () =>
      using(async ({ strategy, job }) => {
        assert.ok(
          job.tasks.every((task) => strategy.supports(task)),
          'supports the tasks of the job',
        );
        const outcome = await strategy.execute(job, new AbortController().signal);
        assert.deepEqual(outcome.tasks.map((task) => task.runId).sort(), job.tasks.map((task) => task.runId).sort());
        const checked = outcomeSchema.safeParse(outcome);
        assert.ok(checked.success, checked.success ? '' : flawIn(checked.error));
      }));

    it('gives answers that survive being sent on', () =>
      using(async ({ strategy, job }) => {
        const outcome = await strategy.execute(job, new AbortController().signal);
        assert.deepEqual(JSON.parse(JSON.stringify(outcome)), outcome);
      }));

    it('settles soon after it is called off, with a coded error', () =>
      using(async ({ strategy, job }) => {
        const controller = new AbortController();
        const settled = strategy.execute(job, controller.signal).then(
          () => 'done',
          (error: unknown) => error,
        );
        controller.abort();
        const outcome = await Promise.race([settled, delay(SOON_MS, 'late')]);
        assert.notEqual(outcome, 'late', `not settled within ${SOON_MS} ms`);
        assert.ok(outcome === 'done' || outcome instanceof CodedError, `rejected with ${String(outcome)}`);
      }));

    it('refuses a job that was called off before', () =>
      using(async ({ strategy, job }) => {
        await assert.rejects(strategy.execute(job, AbortSignal.abort()), CodedError);
      }));

    it('can forget a job that was not committed, whether it knew it or not', () =>
      using(async ({ strategy, job }) => {
        strategy.discard?.(job);
        await strategy.execute(job, new AbortController().signal);
        strategy.discard?.(job);
        const again = await strategy.execute(job, new AbortController().signal);
        assert.equal(again.tasks.length, job.tasks.length);
      }));

    it('quotes what it would take, where it quotes, without doing anything', () =>
      using(async ({ strategy, job }) => {
        const quote = await strategy.quote?.(job);
        if (quote === undefined) return;
        assert.ok(quote.startDelayMs >= 0 && quote.costPerJob >= 0 && (quote.runMs ?? 0) >= 0, 'figures are not negative');
        assert.ok(Number.isFinite(quote.startDelayMs) && Number.isFinite(quote.costPerJob), 'figures are finite');
        const outcome = await strategy.execute(job, new AbortController().signal);
        assert.ok((outcome.cost ?? 0) <= quote.costPerJob + 1e-9, `cost ${outcome.cost} where ${quote.costPerJob} was the most`);
      }));

    it('reports in JSON, a few kilobytes at most', () =>
      using(async ({ strategy }) => {
        const report = strategy.report?.() ?? {};
        const text = JSON.stringify(report);
        assert.deepEqual(JSON.parse(text), report);
        assert.ok(text.length < 64_000, `${text.length} characters`);
      }));

    it('reports its health', () =>
      using(async ({ strategy }) => {
        assert.ok(['up', 'degraded', 'down'].includes((await strategy.health()).status));
      }));
  });
}
