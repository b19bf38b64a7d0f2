import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeChild } from '../../../../test/support/fakes/fake-child.js';
import { FakeReferenceLibrary } from '../../../../test/support/fakes/fake-reference-library.js';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { SharedLoads } from '../../brands/shared-loads.js';
import { forkModule } from '../../children/child-process.js';
import { pathEnvironment } from '../../config/child-environment.js';
import type { AnalysisJob, AnalysisOutcome } from '../../plugin-api/index.js';
import { residentBytes } from '../../runtime/resident-memory.js';
import type { HostOrder, ToHost } from '../host-protocol.js';
import { HostProcess } from './host-process.js';
import { TakenDown } from './jobs-under-way.js';

vi.mock('../../children/child-process.js', () => ({ forkModule: vi.fn() }));
vi.mock('../../runtime/resident-memory.js', () => ({ residentBytes: vi.fn() }));

const LIMIT_BYTES = 1_000;
const JOB_TIMEOUT_MS = 10_000;
const never = new AbortController().signal;
const OUTCOME = { tasks: [], executedBy: 'host' } as unknown as AnalysisOutcome;

const orderOf = (streamId: string, sequence = 0): HostOrder => ({
  job: {
    jobId: `${streamId}-${sequence}`,
    queue: 'default',
    stream: { streamId },
    segment: { path: `${streamId}/${sequence}.ts` },
  } as AnalysisJob,
});

describe(HostProcess.name, () => {
  let children: FakeChild<ToHost>[];
  let logger: SilentLogger;
  let library: FakeReferenceLibrary;
  let host: HostProcess;
  let events: string[];

  beforeEach(() => {
    vi.useFakeTimers();
    children = [];
    // Each start has a child of its own.
    vi.mocked(forkModule).mockImplementation(() => {
      children.push(new FakeChild());
      return children.at(-1)!.asChildProcess;
    });
    vi.mocked(residentBytes).mockReturnValue(LIMIT_BYTES / 2);
    logger = new SilentLogger();
    library = new FakeReferenceLibrary();
    events = [];
    host = make(2);
  });
  afterEach(async () => {
    const stopped = host.stop();
    const last = children.at(-1);
    if (last?.connected === true) last.ends();
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    vi.mocked(forkModule).mockReset();
  });

  function make(jobsPerHost: number): HostProcess {
    const limits = { jobsPerHost, jobTimeoutMs: JOB_TIMEOUT_MS, memoryLimitBytes: LIMIT_BYTES };
    const options = { entry: 'x', args: [], environment: pathEnvironment({}), execArgv: [], ...limits };
    const made = new HostProcess('host-1', options, { references: new SharedLoads(library), logger });
    made.on('free', () => events.push('free')).on('down', () => events.push('down'));
    return made;
  }
  const child = (): FakeChild<ToHost> => children.at(-1)!;
  const up = (): void => {
    host.start();
    child().says({ type: 'host.ready' });
    events.length = 0;
  };
  const execute = (order: HostOrder, signal: AbortSignal = never, isAlone = false): Promise<unknown> =>
    host.execute(order, '/media', signal, isAlone).catch((error: unknown) => error);
  const done = (id: number, rssBytes = 1): void => child().says({ type: 'job.done', id, outcome: OUTCOME, rssBytes });
  const failures = (): unknown[] => logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields?.['code']);
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  describe('takes jobs', () => {
    it('once it has said that it is ready, as many as it may, and says when it can take another', async () => {
      host.start();
      expect([host.isUp, host.isFree]).toEqual([false, false]);
      expect(() => host.execute(orderOf('a'), '/media', never, false)).toThrow('host-1 is starting');
      child().says({ type: 'host.ready' });
      expect([host.isUp, host.isFree, events]).toEqual([true, true, ['free']]);
      const [first, second] = [execute(orderOf('a')), execute(orderOf('b'))];
      expect([host.isFree, host.jobCount, host.hasLane('a default'), host.hasLane('c default')]).toEqual([false, 2, true, false]);
      expect(() => host.execute(orderOf('c'), '/media', never, false)).toThrow('2 jobs');
      done(2);
      expect([await second, host.isFree, events]).toEqual([OUTCOME, true, ['free', 'free']]);
      done(1);
      expect(await first).toBe(OUTCOME);
      expect(child().heard.map((message) => [message.type, 'root' in message && message.root])).toEqual([
        ['job', '/media'],
        ['job', '/media'],
      ]);
    });

    it('alone, where one is to be alone', async () => {
      up();
      const alone = execute(orderOf('a'), never, true);
      expect(host.isFree).toBe(false);
      done(1);
      await alone;
      const shared = execute(orderOf('a'));
      expect(host.isFree).toBe(true);
      expect(() => host.execute(orderOf('b'), '/media', never, true)).toThrow('1 jobs');
      done(2);
      await shared;
    });

    it('and passes on why one failed, without ending for it', async () => {
      up();
      const failed = execute(orderOf('a'));
      const error = { code: 'VD_MEDIA_DAMAGED', message: 'no pictures', retryable: false };
      child().says({ type: 'job.failed', id: 1, error, rssBytes: 1 });
      expect(await failed).toMatchObject(error);
      expect([host.isFree, child().signals]).toEqual([true, []]);
    });

    it('for pictures in the same way', async () => {
      up();
      const pictures = { maxPictures: 1 } as unknown as NonNullable<HostOrder['pictures']>;
      const asked = execute({ ...orderOf('a'), pictures });
      const sampled = { pictures: [] };
      child().says({ type: 'pictures.done', id: 1, sampled, rssBytes: 1 });
      expect([await asked, child().heard[0]]).toMatchObject([sampled, { type: 'pictures', request: pictures }]);
    });

    it('and hears nothing of one that is over, or that it never had', async () => {
      up();
      const first = execute(orderOf('a'));
      done(1);
      await first;
      events.length = 0;
      done(1);
      done(99);
      child().says({ type: 'of another part of the program', id: 1 });
      await pass(JOB_TIMEOUT_MS);
      expect([events, child().signals, host.jobCount]).toEqual([[], [], 0]);
    });
  });

  describe('a job that ends it', () => {
    it('by taking too long is told so', async () => {
      up();
      const slow = execute(orderOf('a'));
      await pass(JOB_TIMEOUT_MS - 1);
      expect(child().signals).toEqual([]);
      await pass(1);
      expect(child().signals).toEqual(['SIGKILL']);
      child().ends();
      expect(await slow).toMatchObject({ code: 'VD_ANALYSIS_TIMEOUT', message: expect.stringContaining('a/0.ts') as string });
    });

    it('by a crash is named, where it was the only one', async () => {
      up();
      const crashed = execute(orderOf('a'));
      child().ends(null, 'SIGSEGV');
      const error = await crashed;
      expect(error).toMatchObject({ code: 'VD_ANALYSIS_HOST_CRASHED', message: 'host-1 ended with SIGSEGV during a/0.ts' });
      expect([events, failures()]).toEqual([['down'], ['VD_ANALYSIS_HOST_CRASHED']]);
    });

    it.each([
      ['a crash', 'VD_ANALYSIS_HOST_CRASHED', LIMIT_BYTES],
      ['its memory', 'VD_ANALYSIS_MEMORY', LIMIT_BYTES + 1],
    ])('by %s is not known among several: each is to be done again, alone', async (_, code, rssBytes) => {
      up();
      const both = [execute(orderOf('a')), execute(orderOf('b'))];
      vi.mocked(residentBytes).mockReturnValue(rssBytes);
      await pass(500);
      child().ends(139, null);
      for (const error of await Promise.all(both)) {
        expect(error).toBeInstanceOf(TakenDown);
        expect(error).toMatchObject({ isSuspect: true, cause: { code } });
      }
    });

    it('by being called off takes others down that are not to blame', async () => {
      up();
      const calling = new AbortController();
      const [off, other] = [execute(orderOf('a'), calling.signal), execute(orderOf('b'))];
      calling.abort();
      expect(child().signals).toEqual(['SIGKILL']);
      child().ends();
      expect(await off).toMatchObject({ code: 'VD_ANALYSIS_ABORTED' });
      expect(await other).toMatchObject({ isSuspect: false, cause: { code: 'VD_ANALYSIS_ABORTED' } });
    });

    it('and one that was called off meanwhile is not done again', async () => {
      up();
      const calling = new AbortController();
      const [slow, off] = [execute(orderOf('a')), execute(orderOf('b'), calling.signal)];
      await pass(JOB_TIMEOUT_MS);
      calling.abort();
      child().ends();
      expect(await slow).toMatchObject({ code: 'VD_ANALYSIS_TIMEOUT' });
      expect(await off).toMatchObject({ code: 'VD_ANALYSIS_ABORTED' });
    });

    it('by its memory is told so, where it is the only one', async () => {
      up();
      const greedy = execute(orderOf('a'));
      await pass(2_000);
      expect(child().signals).toEqual([]);
      vi.mocked(residentBytes).mockReturnValue(LIMIT_BYTES + 1);
      await pass(500);
      child().ends();
      expect(await greedy).toMatchObject({ code: 'VD_ANALYSIS_MEMORY' });
    });
  });

  describe('is replaced', () => {
    it('between jobs, at once and without a fault, when it nears its limit', async () => {
      up();
      const [small, first] = [execute(orderOf('c')), execute(orderOf('a'))];
      done(1, LIMIT_BYTES * 0.8); // not near enough
      await small;
      expect(host.isFree).toBe(true);
      const second = execute(orderOf('b'));
      events.length = 0;
      done(2, LIMIT_BYTES * 0.8 + 1);
      await first;
      expect([host.isFree, events, child().signals]).toEqual([false, [], []]); // it ends what it has
      done(3, 1);
      await second;
      expect([host.isUp, child().signals]).toEqual([false, ['SIGKILL']]);
      child().ends();
      await pass(0);
      expect([children.length, failures(), host.failedStarts]).toEqual([2, [], 0]);
      child().says({ type: 'host.ready' });
      expect(host.isFree).toBe(true);
    });

    it('ever more slowly while it dies, up to ten seconds, and quickly again after a job that went well', async () => {
      const waitsMs: number[] = [];
      const dies = async (): Promise<void> => {
        child().says({ type: 'host.ready' });
        child().ends(1, null);
        const before = children.length;
        let ms = 0;
        for (; children.length === before; ms += 100) await pass(100);
        waitsMs.push(ms);
      };
      host.start();
      for (let i = 0; i < 9; i++) await dies();
      expect(waitsMs).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
      child().says({ type: 'host.ready' });
      const job = execute(orderOf('a'));
      done(1);
      await job;
      waitsMs.length = 0;
      child().ends(1, null);
      await pass(100);
      expect(children).toHaveLength(11);
    });

    it('when it is not ready within a minute, and that counts as a start that failed', async () => {
      host.start();
      await pass(60_000);
      expect(child().signals).toEqual(['SIGKILL']);
      child().ends();
      expect([host.failedStarts, events, failures()]).toEqual([1, ['down'], ['VD_ANALYSIS_UNAVAILABLE']]);
      await pass(100);
      child().says({ type: 'host.ready' });
      expect(host.failedStarts).toBe(0);
    });

    it('where the machine had no room for a process, and the limit is named', async () => {
      children.push(new FakeChild(false));
      vi.mocked(forkModule).mockImplementationOnce(() => children[0]!.asChildProcess);
      host.start();
      child().emit('error', Object.assign(new Error('spawn node EAGAIN'), { code: 'EAGAIN' }));
      expect([host.failedStarts, events]).toEqual([1, ['down']]);
      expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { usedUp: expect.stringContaining('ulimit -u') as unknown } });
      await pass(100);
      child().says({ type: 'host.ready' });
      expect(host).toMatchObject({ isUp: true, failedStarts: 0 });
    });
  });

  describe('is stopped', () => {
    it('by a word first, and after two seconds by force', async () => {
      up();
      const job = execute(orderOf('a'));
      const stopped = host.stop();
      expect(child().heard.at(-1)).toEqual({ type: 'stop' });
      await pass(1_999);
      expect(child().signals).toEqual([]);
      await pass(1);
      expect(child().signals).toEqual(['SIGKILL']);
      child().ends();
      await stopped;
      expect(await job).toMatchObject({ code: 'VD_ANALYSIS_ABORTED' }); // it did not crash: it was stopped
      await pass(60_000);
      expect([children.length, host.isUp, failures()]).toEqual([1, false, []]);
    });

    it('at once while it loads, for it has nothing to end', async () => {
      host.start();
      const stopped = host.stop();
      await pass(0);
      expect(child().signals).toEqual(['SIGKILL']);
      child().ends();
      await stopped;
    });

    it('for good, also while it waits to be started again', async () => {
      up();
      child().ends(1, null);
      await host.stop();
      await pass(60_000);
      expect(children).toHaveLength(1);
    });
  });

  describe('asks for reference images', () => {
    it('and gets the set, or why there is none', async () => {
      up();
      library.change();
      child().says({ type: 'references.wanted', kind: 'logo', revision: 1 });
      await pass(0);
      library.fault = new Error('the database is away');
      child().says({ type: 'references.wanted', kind: 'logo', revision: 1 });
      await pass(0);
      expect(child().heard).toEqual([
        { type: 'references', set: library.set },
        { type: 'references.failed', kind: 'logo', why: 'the database is away' },
      ]);
    });

    it('but the one after it does not hear the answer', async () => {
      up();
      child().says({ type: 'references.wanted', kind: 'logo', revision: 0 });
      child().ends(1, null);
      await pass(100);
      expect([children.length, child().heard]).toEqual([2, []]);
    });
  });

  it('is told to forget a job while it is there to hear it', async () => {
    host.discard(orderOf('a').job);
    up();
    host.discard(orderOf('b').job);
    expect(child().heard).toMatchObject([{ type: 'discard', job: { jobId: 'b-0' } }]);
  });
});
