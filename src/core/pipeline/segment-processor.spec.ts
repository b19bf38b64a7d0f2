import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mediaError } from '../errors/media.errors.js';
import { brandError } from '../errors/brand.errors.js';
import type { ClaimedSegment } from '../persistence/ledger/run-ledger.js';
import {
  type AnalysisJob,
  type AnalysisOutcome,
  CodedError,
  type ExecutionStrategy,
  type StrategyHealth,
  type TaskOutcome,
} from '../plugin-api/index.js';
import { FakePluginRegistry, strategyOf } from '../../../test/support/fakes/fake-plugin-registry.js';
import type { RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import type { JobMoney } from './routing/job-money.js';
import { SegmentProcessor } from './segment-processor.js';
import { LocalSegmentFiles } from '../media/store/testing/local-segment-files.js';
import { Router } from './routing/router.js';
import { RunTimes } from './routing/run-times.js';
import { StrategyDirectory } from './routing/strategy-directory.js';

const JOB_TIMEOUT_MS = 60;

function analyzer(id: string, prefer: readonly string[] = ['one'], more: object = {}): RegisteredAnalyzer {
  return {
    definition: { id, state: 'stream' },
    placement: { execution: { prefer, ...more } },
    config: { of: id },
    configHash: 'hash',
  } as unknown as RegisteredAnalyzer;
}

function strategy(
  execute: ExecutionStrategy['execute'],
  more: { status?: StrategyHealth['status']; supports?: (id: string) => boolean } = {},
): ExecutionStrategy {
  return { execute, supports: ({ analyzerId }) => more.supports?.(analyzerId) ?? true, health: () => ({ status: more.status ?? 'up' }) };
}

const answer = (tasks: readonly TaskOutcome[]): AnalysisOutcome => ({ tasks, wallMs: 5, cpuMs: 4, decodeCpuMs: 1, executedBy: 'host 1' });
const allDone = (job: AnalysisJob): AnalysisOutcome =>
  answer(job.tasks.map(({ runId }) => ({ runId, status: 'done', results: [], framesSeen: 2, framesExpected: 2, cpuMs: 1 })));

describe(SegmentProcessor.name, () => {
  let mediaDir: string;
  const warnings: string[] = [];
  beforeEach(async () => {
    warnings.length = 0;
    mediaDir = await mkdtemp(join(tmpdir(), 'vedette-processor-'));
    await writeFile(join(mediaDir, '000003.ts'), 'x');
  });
  afterEach(async () => {
    vi.useRealTimers();
    await rm(mediaDir, { recursive: true, force: true });
  });

  const work = (
    runs: readonly { id: string; analyzerId: string; attempt?: number; checkpoint?: ClaimedSegment['runs'][number]['checkpoint'] }[],
    path = '000003.ts',
  ): ClaimedSegment =>
    ({
      segmentId: '9',
      stream: { streamId: 's' },
      segment: { streamId: 's', epochId: 'e', sequence: 3, ptsStartUs: 0, ptsEndUs: 2_000_000, path },
      waitedMs: 0,
      epoch: { startedAtMs: 0, ptsOriginUs: 0, closed: false },
      runs: runs.map(({ id, analyzerId, attempt = 1, checkpoint }) => ({
        runId: id,
        attempt,
        deferrals: 0,
        analyzerId,
        analyzerVersion: '1',
        configHash: 'hash',
        ...(checkpoint === undefined ? {} : { checkpoint }),
      })),
    }) as unknown as ClaimedSegment;

  async function process(
    segment: ClaimedSegment,
    strategies: Record<string, ExecutionStrategy>,
    analyzers: readonly RegisteredAnalyzer[],
    signal = new AbortController().signal,
    references?: { revision(kind: string): Promise<number> },
    hold: JobMoney['hold'] = async () => ({ settle: async () => undefined }),
  ) {
    const reachOf = (id: string) =>
      id.startsWith('cloud') ? { reach: 'cloud' as const, solves: ['x'] } : id === 'lan' ? { reach: 'lan' as const } : {};
    const registry = new FakePluginRegistry({
      analyzers,
      strategies: Object.entries(strategies).map(([id, one]) => strategyOf({ id, ...reachOf(id) }, one)),
    });
    const options = { jobTimeoutMs: JOB_TIMEOUT_MS, attempts: 3, backoffMs: 1_000, makesThumbnails: false };
    const directory = new StrategyDirectory(registry);
    await directory.open();
    const nowMs = () => performance.now();
    const runTimes = new RunTimes(nowMs);
    const processor = new SegmentProcessor(
      registry,
      new Router(directory, runTimes, nowMs),
      runTimes,
      { hold },
      { warn: (source, error) => void warnings.push(`${source}: ${(error as CodedError).message}`) },
      new LocalSegmentFiles(mediaDir),
      options,
      { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      references,
    );
    return processor.process(segment, 'default', signal);
  }

  it('tells an analyzer that looks for references which revision of them to use, and tries again when there is no telling', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    const looking = analyzer('a');
    const analyzers = [{ ...looking, definition: { ...looking.definition, references: 'logo' } }, analyzer('b')];
    const segment = work([
      { id: '1', analyzerId: 'a' },
      { id: '2', analyzerId: 'b' },
    ]);
    await process(segment, { one: strategy(execute) }, analyzers, undefined, { revision: async (kind) => (kind === 'logo' ? 7 : -1) });
    expect(execute.mock.calls[0]?.[0].tasks.map(({ references }) => references)).toEqual([{ kind: 'logo', revision: 7 }, undefined]);

    const away = brandError('VD_REFERENCES_UNAVAILABLE', 'The database is away');
    const { settlements } = await process(segment, { one: strategy(execute) }, analyzers, undefined, {
      revision: () => Promise.reject(away),
    });
    expect(settlements.find(({ runId }) => runId === '1')).toMatchObject({
      state: 'failed',
      code: 'VD_REFERENCES_UNAVAILABLE',
      retryInMs: 1_000,
    });
    expect(settlements.find(({ runId }) => runId === '2')).toMatchObject({ state: 'done' });
  });

  it('tells which gate an analyzer waits for', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    const waiting = { ...analyzer('a'), placement: { ...analyzer('a').placement, when: 'motion' } };
    await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
      ]),
      { one: strategy(execute) },
      [waiting, analyzer('b')],
    );
    expect(execute.mock.calls[0]?.[0].tasks.map(({ when }) => when)).toEqual(['motion', undefined]);
  });

  it('gives the analyzers of a queue one job, hence one decode, with their configs and checkpoints', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    const checkpoint = { epochId: 'e', sequence: 2, data: 1 };
    const { settlements } = await process(
      work([
        { id: '1', analyzerId: 'a', checkpoint },
        { id: '2', analyzerId: 'b' },
      ]),
      { one: strategy(execute) },
      [analyzer('a'), analyzer('b')],
    );
    expect(execute).toHaveBeenCalledOnce();
    expect(execute.mock.calls[0]?.[0].tasks).toMatchObject([
      { runId: '1', config: { of: 'a' }, checkpoint },
      { runId: '2', config: { of: 'b' } },
    ]);
    expect(settlements).toMatchObject([
      { runId: '1', state: 'done', strategy: 'one', executedBy: 'host 1' },
      { runId: '2', state: 'done' },
    ]);
  });

  it('says of each run why it ran where it ran, also of those that came to one job from different places', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    const strategies = { one: strategy(execute), two: strategy(execute, { status: 'down' }) };
    const { settlements } = await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
      ]),
      strategies,
      [analyzer('a'), analyzer('b', ['two', 'one'])],
    );
    expect(execute).toHaveBeenCalledOnce();
    expect(settlements).toMatchObject([
      { runId: '1', strategy: 'one', strategyReason: 'preferred' },
      { runId: '2', strategy: 'one', strategyReason: 'two is down' },
    ]);
  });

  it('gives a run that failed before a job of its own, so that it cannot take others down with it again', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    await process(
      work([
        { id: '1', analyzerId: 'a', attempt: 2 },
        { id: '2', analyzerId: 'b', attempt: 2 },
      ]),
      { one: strategy(execute) },
      [analyzer('a'), analyzer('b')],
    );
    expect(execute.mock.calls.map(([job]) => job.tasks.map(({ runId }) => runId))).toEqual([['1'], ['2']]);
  });

  it('takes the first strategy in the order of preference that supports the analyzer and is not down', async () => {
    const executed: string[] = [];
    const named = (name: string, more: Parameters<typeof strategy>[1] = {}) =>
      strategy(async (job) => (executed.push(name), allDone(job)), more);
    const strategies = {
      one: named('one', { supports: (id) => id !== 'a' }),
      two: named('two', { status: 'down' }),
      three: named('three'),
    };
    await process(work([{ id: '1', analyzerId: 'a' }]), strategies, [analyzer('a', ['one', 'two', 'three'])]);
    expect(executed).toEqual(['three']);
    const { settlements } = await process(work([{ id: '1', analyzerId: 'b' }]), strategies, [analyzer('b', ['two'])]);
    expect(executed).toEqual(['three']);
    expect(settlements).toEqual([{ runId: '1', attempt: 1, state: 'returned', retryInMs: 1_000, strategyReason: 'two is down' }]);
  });

  it.each([
    [
      'no strategy takes the analyzer',
      strategy(async (job) => allDone(job), { supports: () => false }),
      { code: 'VD_PIPELINE_NO_STRATEGY' },
    ],
    ['the strategy forgets the run', strategy(async () => answer([])), { code: 'VD_PIPELINE_OUTCOME_INCOMPLETE', retryInMs: 1_000 }],
    [
      'the strategy answers twice',
      strategy(async (job) => answer([...allDone(job).tasks, ...allDone(job).tasks])),
      { code: 'VD_PIPELINE_OUTCOME_INCOMPLETE', retryInMs: 1_000 },
    ],
    [
      'the strategy throws without a code',
      strategy(() => Promise.reject(new Error('boom'))),
      { code: 'VD_PIPELINE_STRATEGY_FAILED', message: 'boom', retryInMs: 1_000 },
    ],
    [
      'the strategy throws a code of its own',
      strategy(() => Promise.reject(new CodedError('ACME_BROKEN', 'no'))),
      { code: 'ACME_BROKEN', message: 'no' },
    ],
    [
      'the segment takes too long',
      strategy((_, signal) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))),
      { code: 'VD_PIPELINE_TIMEOUT', retryInMs: 1_000 },
    ],
  ])('fails the run when %s', async (_, one, expected) => {
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { one }, [analyzer('a')]);
    expect(settlements).toHaveLength(1);
    expect(settlements[0]).toMatchObject({ runId: '1', attempt: 1, state: 'failed', ...expected });
    if (!('retryInMs' in expected)) expect(settlements[0]).not.toHaveProperty('retryInMs');
  });

  it('skips what turns out to be gone when it is fetched', async () => {
    const gone = strategy(() => Promise.reject(mediaError('VD_MEDIA_SEGMENT_GONE', 'http://node answered 404')));
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { one: gone }, [analyzer('a')]);
    expect(settlements[0]).toMatchObject({ runId: '1', attempt: 1, state: 'skipped', reason: 'missing' });
  });

  it('doubles the wait with each attempt and stops after the last', async () => {
    const broken = strategy(() => Promise.reject(new Error('boom')));
    const waits = await Promise.all(
      [1, 2, 3].map(
        async (attempt) => (await process(work([{ id: '1', analyzerId: 'a', attempt }]), { one: broken }, [analyzer('a')])).settlements[0],
      ),
    );
    expect(waits.map((settlement) => (settlement as { retryInMs?: number }).retryInMs)).toEqual([1_000, 2_000, undefined]);
  });

  it('does not wait for a strategy that ignores its deadline', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const deaf = strategy(() => {
      void vi.advanceTimersByTimeAsync(JOB_TIMEOUT_MS + 10_000);
      return new Promise(() => undefined);
    });
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { one: deaf }, [analyzer('a')]);
    expect(settlements[0]).toMatchObject({ state: 'failed', code: 'VD_PIPELINE_TIMEOUT' });
  });

  it('hands the run back when it is called off from outside, whatever the strategy says then', async () => {
    const calledOff = new AbortController();
    const lost = strategy(async (job) => {
      calledOff.abort(new Error('stopping'));
      return answer(job.tasks.map(({ runId }) => ({ runId, status: 'failed', code: 'VD_X', message: 'aborted', retryable: true })));
    });
    const thrown = strategy(() => Promise.reject(new Error('aborted')));
    for (const one of [lost, thrown]) {
      const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { one }, [analyzer('a')], calledOff.signal);
      expect(settlements).toEqual([{ runId: '1', attempt: 1, state: 'returned' }]);
    }
  });

  it('leaves out, with the reason, what cannot be analysed', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    const gone = await process(work([{ id: '1', analyzerId: 'a' }], '000004.ts'), { one: strategy(execute) }, [analyzer('a')]);
    expect(gone.settlements).toEqual([{ runId: '1', attempt: 1, state: 'skipped', reason: 'missing' }]);
    const changed = { ...analyzer('b'), configHash: 'other' };
    const { settlements } = await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
      ]),
      { one: strategy(execute) },
      [changed],
    );
    expect(settlements).toMatchObject([
      { runId: '1', state: 'skipped', reason: 'disabled' },
      { runId: '2', state: 'skipped', reason: 'config-changed' },
    ]);
    expect(execute).not.toHaveBeenCalled();
  });

  it.each<[string, unknown]>([
    ['an answer of another shape', { outcomes: [] }],
    ['nothing', undefined],
    ['an outcome without a status', answer([{ runId: '1', results: [], framesSeen: 2, framesExpected: 2, cpuMs: 1 } as never])],
    [
      'results that are none',
      answer([{ ...allDone({ tasks: [{ runId: '1' }] } as never).tasks[0]!, results: [{ type: 'guess' }] } as never]),
    ],
  ])('blames a strategy for %s, has the next one do its work, and leaves the others their runs', async (_, given) => {
    const good = strategy(async (job) => allDone(job));
    const { settlements } = await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
        { id: '3', analyzerId: 'c' },
      ]),
      { odd: strategy(async () => given as AnalysisOutcome), two: good },
      [analyzer('a', ['odd', 'two']), analyzer('b', ['two']), analyzer('c', ['odd'])],
    );
    const of = (id: string) => settlements.filter(({ runId }) => runId === id);
    expect(of('1')).toMatchObject([
      { state: 'done', strategy: 'two', strategyReason: expect.stringMatching(/^odd failed with VD_PIPELINE_OUTCOME_/) },
    ]);
    expect(of('2')).toMatchObject([{ state: 'done', strategy: 'two', strategyReason: 'preferred' }]);
    expect(of('3')).toMatchObject([{ state: 'failed', code: expect.stringMatching(/^VD_PIPELINE_OUTCOME_/), retryInMs: 1_000 }]);
    expect(warnings[0]).toMatch(/^Strategy odd: Strategy odd gave no /);
  });

  it.each<[string, Partial<ExecutionStrategy>]>([
    [
      'supports()',
      {
        supports: () => {
          throw new Error('boom');
        },
      },
    ],
    [
      'quote()',
      {
        quote: () => {
          throw new Error('boom');
        },
      },
    ],
    ['figures that are none', { quote: () => ({ startDelayMs: 0, costPerJob: Number.NaN }) }],
    ['health()', { health: () => undefined as never }],
  ])('is not brought down by a strategy’s %s', async (_, fault) => {
    const odd = { ...strategy(async (job) => allDone(job)), ...fault };
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { odd, two: strategy(async (job) => allDone(job)) }, [
      analyzer('a', ['odd', 'two']),
    ]);
    expect(settlements).toMatchObject([{ runId: '1', state: 'done', strategy: 'two' }]);
  });

  it('says of a fault of its own that it is one', async () => {
    const revision = () => Promise.reject(new TypeError('no such thing'));
    const looking = { ...analyzer('a'), definition: { ...analyzer('a').definition, references: 'logo' } };
    const failed = await process(
      work([{ id: '1', analyzerId: 'a' }]),
      { one: strategy(async (job) => allDone(job)) },
      [looking],
      undefined,
      { revision },
    );
    expect(failed.settlements).toMatchObject([{ state: 'failed', code: 'VD_PIPELINE_BROKEN', message: 'no such thing' }]);
  });

  it('hands back a run that only waited for its turn, and counts no attempt', async () => {
    const full = strategy((_, signal, progress) => {
      progress?.waits();
      return new Promise((__, reject) => signal.addEventListener('abort', () => reject(new CodedError('ACME_ABORTED', 'called off'))));
    });
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a', attempt: 3 }]), { one: full }, [analyzer('a')]);
    expect(settlements).toMatchObject([
      { runId: '1', state: 'returned', strategyReason: `one: The job waited for its turn for ${JOB_TIMEOUT_MS} ms`, retryInMs: 1_000 },
    ]);
  });

  it.each([
    ['ACME_BROKEN', true],
    ['VD_MEDIA_UNREADABLE', undefined],
    ['VD_ANALYSIS_CONFIG_MISMATCH', undefined],
  ])('of a task that fails for good with %s, drops the state: %s', async (code, dropsState) => {
    const checkpoint = { epochId: 'e', sequence: 2, data: { n: 1 } };
    const failing = (retryable: boolean) =>
      strategy(async (job) => answer(job.tasks.map(({ runId }) => ({ runId, status: 'failed', code, message: 'no', retryable }))));
    const ends = (retryable: boolean, from?: typeof checkpoint) =>
      process(work([{ id: '1', analyzerId: 'a', ...(from === undefined ? {} : { checkpoint: from }) }]), { one: failing(retryable) }, [
        analyzer('a'),
      ]);
    const [final] = (await ends(false, checkpoint)).settlements;
    expect((final as { dropsState?: boolean }).dropsState).toBe(dropsState);
    for (const other of [await ends(true, checkpoint), await ends(false)]) expect(other.settlements[0]).not.toHaveProperty('dropsState');
  });

  it('goes on at the next strategy when one fails, and says why', async () => {
    const discard = vi.fn();
    const broken = { ...strategy(() => Promise.reject(new CodedError('ACME_BROKEN', 'no'))), discard };
    const { settlements, executed } = await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
      ]),
      { one: broken, two: strategy(async (job) => allDone(job)) },
      [analyzer('a', ['one', 'two']), analyzer('b', ['one', 'two'])],
    );
    expect(settlements).toMatchObject([
      { runId: '1', state: 'done', strategy: 'two', strategyReason: 'one failed with ACME_BROKEN' },
      { runId: '2', state: 'done', strategy: 'two' },
    ]);
    expect(executed.map(({ place, job }) => [place.id, job.tasks.length])).toEqual([
      ['two', 1],
      ['two', 1],
    ]);
    expect(discard).toHaveBeenCalledOnce();
  });

  it('does not take a job that takes its process down to the next strategy in the same attempt', async () => {
    const next = vi.fn(async (job: AnalysisJob) => allDone(job));
    const crash = strategy(() => Promise.reject(new CodedError('VD_ANALYSIS_HOST_CRASHED', 'gone', undefined, { retryable: true })));
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { one: crash, two: strategy(next) }, [
      analyzer('a', ['one', 'two']),
    ]);
    expect(settlements[0]).toMatchObject({ state: 'failed', code: 'VD_ANALYSIS_HOST_CRASHED', retryInMs: 1_000, strategy: 'one' });
    expect(next).not.toHaveBeenCalled();
  });

  it('fails with what the last strategy said when all have failed', async () => {
    const failing = (code: string) => strategy(() => Promise.reject(new CodedError(code, 'no', undefined, { retryable: true })));
    const { settlements } = await process(work([{ id: '1', analyzerId: 'a' }]), { one: failing('ACME_ONE'), two: failing('ACME_TWO') }, [
      analyzer('a', ['one', 'two']),
    ]);
    expect(settlements).toEqual([{ runId: '1', attempt: 1, state: 'failed', code: 'ACME_TWO', message: 'no', retryInMs: 1_000 }]);
  });

  it('never sends a private stream to the cloud, and says so where there is nothing else', async () => {
    const execute = vi.fn(async (job: AnalysisJob) => allDone(job));
    const segment = { ...work([{ id: '1', analyzerId: 'a' }]), stream: { streamId: 's', isPrivate: true } } as unknown as ClaimedSegment;
    const local = await process(segment, { cloud: strategy(execute), one: strategy(async (job) => allDone(job)) }, [
      analyzer('a', ['cloud', 'one']),
    ]);
    expect(local.settlements[0]).toMatchObject({
      state: 'done',
      strategy: 'one',
      strategyReason: 'cloud is a cloud and the stream is private',
    });
    const nowhere = await process(segment, { cloud: strategy(execute) }, [analyzer('a', ['cloud'])]);
    expect(nowhere.settlements).toEqual([
      { runId: '1', attempt: 1, state: 'skipped', reason: 'private: cloud is a cloud and the stream is private' },
    ]);
    expect(execute).not.toHaveBeenCalled();
  });

  it('sets money aside before a job goes, gives back what it did not cost, and looks elsewhere when a purse is empty', async () => {
    const paid: number[] = [];
    const costly = { ...strategy(async (job) => ({ ...allDone(job), cost: 2 })), quote: () => ({ startDelayMs: 0, costPerJob: 3 }) };
    const hold = vi.fn<JobMoney['hold']>(async () => ({ settle: async (cost) => void paid.push(cost) }));
    const done = await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
      ]),
      { cloud: costly },
      [analyzer('a', ['cloud']), analyzer('b', ['cloud'])],
      undefined,
      undefined,
      hold,
    );
    expect(hold).toHaveBeenCalledOnce();
    expect(hold.mock.calls[0]?.[2]).toBe(3);
    expect(paid).toEqual([2]);
    expect(done.settlements).toMatchObject([{ cost: 1 }, { cost: 1 }]);

    const empty = async () => ({ refused: 'analyzer:a' });
    const elsewhere = await process(
      work([{ id: '1', analyzerId: 'a' }]),
      { cloud: costly, one: strategy(async (job) => allDone(job)) },
      [analyzer('a', ['cloud', 'one'])],
      undefined,
      undefined,
      async (place) => (place.id === 'cloud' ? empty() : { settle: async () => undefined }),
    );
    expect(elsewhere.settlements[0]).toMatchObject({
      state: 'done',
      strategy: 'one',
      strategyReason: 'cloud would cost more than the budget of a has left',
    });
    const nowhere = await process(
      work([{ id: '1', analyzerId: 'a' }]),
      { cloud: costly },
      [analyzer('a', ['cloud'])],
      undefined,
      undefined,
      empty,
    );
    expect(nowhere.settlements[0]).toMatchObject({
      state: 'skipped',
      reason: 'budget: cloud would cost more than the budget of a has left',
    });
  });

  it('counts as spent what a strategy that went silent may have spent', async () => {
    const paid: number[] = [];
    const hold: JobMoney['hold'] = async () => ({ settle: async (cost) => void paid.push(cost) });
    const quote = () => ({ startDelayMs: 0, costPerJob: 3 });
    const silent = {
      ...strategy((_, signal) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))),
      quote,
    };
    const honest = { ...strategy(() => Promise.reject(new CodedError('ACME_NO', 'no', undefined, { cost: 1 }))), quote };
    await process(work([{ id: '1', analyzerId: 'a' }]), { one: silent }, [analyzer('a')], undefined, undefined, hold);
    await process(work([{ id: '1', analyzerId: 'a' }]), { one: honest }, [analyzer('a')], undefined, undefined, hold);
    expect(paid).toEqual([Number.POSITIVE_INFINITY, 1]);
  });

  it('goes on elsewhere when a provider that stands in could not do a task, and adds up what all of it cost', async () => {
    const failing = strategy(async (job) => ({
      ...answer(
        job.tasks.map(({ runId }) => ({
          runId,
          status: runId === '1' ? ('failed' as const) : ('skipped' as const),
          reason: 'x',
          code: 'VD_CLOUD_SERVER',
          message: 'no',
          retryable: true,
        })),
      ),
      cost: 4,
    }));
    const second = strategy(async (job) => ({ ...allDone(job), cost: 1 }));
    const { settlements } = await process(
      work([
        { id: '1', analyzerId: 'a' },
        { id: '2', analyzerId: 'b' },
      ]),
      { 'cloud-one': failing, 'cloud-two': second },
      [analyzer('a', ['cloud-one', 'cloud-two']), analyzer('b', ['cloud-one', 'cloud-two'])],
    );
    expect(settlements.find(({ runId }) => runId === '1')).toMatchObject({
      state: 'done',
      strategy: 'cloud-two',
      strategyReason: 'cloud-one failed with VD_CLOUD_SERVER',
      cost: 3,
    });
    expect(settlements.find(({ runId }) => runId === '2')).toMatchObject({ state: 'skipped', strategy: 'cloud-one', cost: 2 });
  });

  it('tries a task that failed on another machine here, and leaves one that failed here to the next attempt', async () => {
    const failing = strategy(async (job) =>
      answer(job.tasks.map(({ runId }) => ({ runId, status: 'failed', code: 'ACME_NO_MODEL', message: 'no model', retryable: true }))),
    );
    const well = strategy(async (job) => allDone(job));
    const there = await process(work([{ id: '1', analyzerId: 'a' }]), { lan: failing, one: well }, [analyzer('a', ['lan', 'one'])]);
    expect(there.settlements[0]).toMatchObject({ state: 'done', strategy: 'one', strategyReason: 'lan failed with ACME_NO_MODEL' });
    const here = await process(work([{ id: '1', analyzerId: 'a' }]), { one: failing, lan: well }, [analyzer('a', ['one', 'lan'])]);
    expect(here.settlements[0]).toMatchObject({ state: 'failed', strategy: 'one', retryInMs: 1_000 });
  });
});
