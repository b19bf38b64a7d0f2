import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeChild } from '../../../../test/support/fakes/fake-child.js';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { forkModule } from '../../children/child-process.js';
import { pathEnvironment } from '../../config/child-environment.js';
import type { SegmentFiles } from '../../media/store/segment-files.js';
import type { AnalysisJob, AnalysisOutcome } from '../../plugin-api/index.js';
import type { ToHost } from '../host-protocol.js';
import { ForkedHostPool } from './analysis-host-pool.js';

vi.mock('../../children/child-process.js', () => ({ forkModule: vi.fn() }));

const REST_AFTER_MS = 60_000;
const never = new AbortController().signal;
const OUTCOME = { tasks: [], executedBy: 'host' } as unknown as AnalysisOutcome;
const segments = { obtain: async () => ({ root: '/media', release: () => undefined }) } as unknown as SegmentFiles;

const jobOf = (streamId: string, sequence = 0): AnalysisJob =>
  ({
    jobId: `${streamId}-${sequence}`,
    queue: 'default',
    stream: { streamId },
    segment: { path: `${streamId}/${sequence}.ts` },
    tasks: [],
  }) as unknown as AnalysisJob;

describe(ForkedHostPool.name, () => {
  let children: FakeChild<ToHost>[];
  let pool: ForkedHostPool;

  beforeEach(() => {
    vi.useFakeTimers();
    children = [];
    vi.mocked(forkModule).mockImplementation(() => {
      children.push(new FakeChild());
      return children.at(-1)!.asChildProcess;
    });
    const limits = { jobsPerHost: 1, jobTimeoutMs: 600_000, memoryLimitBytes: 2 ** 30 };
    const options = {
      entry: 'x',
      args: [],
      environment: pathEnvironment({}),
      execArgv: [],
      hosts: 3,
      restAfterMs: REST_AFTER_MS,
      ...limits,
    };
    pool = new ForkedHostPool(options, segments, new SilentLogger());
    pool.start();
  });
  afterEach(async () => {
    const closed = pool.close();
    for (const child of children) if (child.connected) child.ends();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    vi.mocked(forkModule).mockReset();
  });

  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const ready = (index: number): unknown => children[index]!.says({ type: 'host.ready' });
  /** Paths of the jobs that a host was given. */
  const given = (index: number): string[] =>
    children[index]!.heard.flatMap((message) => (message.type === 'job' ? [message.job.segment.path] : []));
  const finish = (index: number, id: number): unknown => children[index]!.says({ type: 'job.done', id, outcome: OUTCOME, rssBytes: 1 });
  async function begin(...jobs: readonly AnalysisJob[]): Promise<Promise<AnalysisOutcome>[]> {
    const begun = jobs.map((job) => pool.execute(job, never));
    await pass(0);
    return begun;
  }

  it('has one host up before there is work, and counts on the others', () => {
    ready(0);
    expect(children).toHaveLength(1);
    expect(pool.load()).toEqual({ capacity: 3, running: 0, waiting: 0 });
    expect(pool.health()).toEqual({ status: 'up', detail: '1 of 3 analysis hosts up, 2 at rest until needed, 0 jobs waiting' });
  });

  it('starts another for a job that finds none free, and none for one that a starting host can take', async () => {
    const jobs = await begin(jobOf('a'));
    expect(children).toHaveLength(1);
    ready(0);
    expect([children.length, given(0)]).toEqual([1, ['a/0.ts']]);

    jobs.push(...(await begin(jobOf('b'))));
    expect(children).toHaveLength(2);
    ready(1);
    expect(given(1)).toEqual(['b/0.ts']);

    finish(0, 1);
    finish(1, 1);
    expect(await Promise.all(jobs)).toEqual([OUTCOME, OUTCOME]);
  });

  it('ends hosts that have long had no job, all but the first, and starts them again', async () => {
    ready(0);
    const jobs = await begin(jobOf('a'), jobOf('b'));
    ready(1);
    await pass(2 * REST_AFTER_MS);
    expect(children[1]!.heard.at(-1)).toMatchObject({ type: 'job' });
    finish(0, 1);
    finish(1, 1);
    await Promise.all(jobs);

    await pass(3 * REST_AFTER_MS);
    expect([children[0]!.heard.at(-1)?.type, children[1]!.heard.at(-1)?.type]).toEqual(['job', 'stop']);
    children[1]!.ends();
    expect(pool.health().detail).toContain('1 of 3 analysis hosts up, 2 at rest');

    const later = await begin(jobOf('a', 1), jobOf('b', 1));
    expect(children).toHaveLength(3);
    ready(2);
    expect([given(0).at(-1), given(2)]).toEqual(['a/1.ts', ['b/1.ts']]);
    finish(0, 2);
    finish(2, 2);
    expect(await Promise.all(later)).toEqual([OUTCOME, OUTCOME]);
  });

  it('is down when the host that it should have does not start, whoever rests', async () => {
    children[0]!.says({ type: 'failed', role: 'analysis-host', error: { code: 'VD_PLUGIN_NOT_FOUND', message: 'gone' } } as never);
    children[0]!.ends();
    await pass(0);
    expect(pool.health()).toMatchObject({ status: 'down', detail: expect.stringContaining('VD_PLUGIN_NOT_FOUND: gone') as string });
  });
});
