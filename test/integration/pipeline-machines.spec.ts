import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AnalysisJob, TaskOutcome } from '../../src/core/plugin-api/index.js';
import { QueueDirectory } from '../../src/core/queue/queue-directory.js';
import { checkInvariants } from '../faults/invariants.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { MortalLedger } from './support/mortal-ledger.js';
import { PipelineHarness, type TestStream } from './support/pipeline-harness.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
/** A stateful analyzer that counts its segments: the count is its checkpoint, and its result. */
const counting = (job: AnalysisJob): TaskOutcome[] =>
  job.tasks.map((task) => {
    const before = typeof task.checkpoint?.data === 'number' ? task.checkpoint.data : 0;
    return done(task, [sequenceMetric(job), { type: 'metric', ptsUs: job.segment.ptsStartUs, name: 'before', unit: '1', value: before }], {
      checkpoint: before + 1,
    });
  });

describe.each(['postgres', 'redis'] as const)('workers on several machines with queues on %s', (backend) => {
  let redis: TestRedis | undefined;
  let harness: PipelineHarness;
  let proxy: TcpProxy | undefined;

  beforeAll(async () => {
    if (backend === 'redis') redis = await startRedis();
  });
  afterAll(() => redis?.stop());
  afterEach(async () => {
    vi.restoreAllMocks();
    proxy?.mend();
    await harness.close();
    await proxy?.close();
    proxy = undefined;
  });

  const start = async (queues: Record<string, unknown> = {}): Promise<PipelineHarness> => {
    await redis?.command('FLUSHALL');
    const config = {
      queues: { lease: '1s', reconcileInterval: '200ms', lockDuration: '1s', stalledInterval: '500ms', backoff: '50ms', ...queues },
    };
    harness = await PipelineHarness.start({ config: config as never, redisUrl: redis?.url });
    return harness;
  };
  const allDone = (count: number): Promise<unknown> =>
    until(
      `${count} runs done`,
      () =>
        harness.states().then(
          (states) => states['done'] === count,
          () => false,
        ),
      30_000,
    );
  /** Each segment once, in order, each with the state that the one before it left; whoever did it. */
  const expectOneHistory = async (stream: TestStream, count: number): Promise<void> => {
    const rows = await harness.rows<{ sequence: number; name: string; value: number }>(
      'SELECT r.sequence, m.name, m.value FROM analysis_runs r JOIN metrics m ON m.run_id = r.id WHERE r.stream_id = $1 ORDER BY ' +
        'r.finished_at, m.name',
      [stream.streamId],
    );
    expect(rows.filter(({ name }) => name === 'before').map(({ value }) => value)).toEqual(upTo(count));
    expect(rows.filter(({ name }) => name === 'sequence').map(({ value }) => value)).toEqual(upTo(count));
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  };

  it('does nothing again of a worker that died between committing results and letting go of the lane', async () => {
    await start();
    const [first, second] = [new FakeStrategy(counting), new FakeStrategy(counting)];
    MortalLedger.of(await harness.worker(first)).killAfter('settle', () => first.executed.length === 3);
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 8);
    await until('it to die', () => first.executed.length === 3);
    await harness.worker(second);
    await allDone(8);
    expect(first.sequences(stream.streamId)).toEqual([0, 1, 2]);
    expect(second.sequences(stream.streamId)).toEqual([3, 4, 5, 6, 7]);
    expect(second.executed[0]?.tasks[0]).toMatchObject({ attempt: 1, checkpoint: { sequence: 2, data: 3 } });
    await expectOneHistory(stream, 8);
  });

  it('does a segment again from its checkpoint when its worker died over it, within the lease and a look around', async () => {
    await start();
    const release = Promise.withResolvers<void>();
    const stuck = new FakeStrategy(async (job) => {
      if (job.segment.sequence === 2) await release.promise;
      return counting(job);
    });
    const mortal = MortalLedger.of(await harness.worker(stuck));
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 5);
    await until('the third segment to be begun', () => stuck.executed.length === 3);
    const next = new FakeStrategy(counting);
    await harness.worker(next);
    mortal.kill();
    const killedAt = performance.now();
    await until('another to take over', () => next.executed.length > 0);
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    await allDone(5);
    release.resolve();
    expect(next.executed[0]).toMatchObject({ segment: { sequence: 2 }, tasks: [{ attempt: 2, checkpoint: { sequence: 1, data: 2 } }] });
    await expectOneHistory(stream, 5);
  });

  it.each(['stall', 'cut'] as const)(
    'refuses what a worker commits that was cut off from the database for longer than its lease (%s)',
    async (how) => {
      await start();
      const url = new URL(harness.database.url);
      proxy = await TcpProxy.to(url.hostname, Number(url.port));
      url.hostname = '127.0.0.1';
      url.port = String(proxy.port);
      const release = Promise.withResolvers<void>();
      const cutOff = new FakeStrategy(async (job) => {
        if (job.segment.sequence === 1) await release.promise;
        return counting(job);
      });
      const mortal = MortalLedger.of(await harness.worker(cutOff, undefined, undefined, url.href));
      const stream = await harness.openStream();
      await harness.registerAndRing(stream, 0, 4);
      await until('the second segment to be begun', () => cutOff.executed.length === 2);
      proxy[how]();
      // Sent into the torn network, or tried until it is mended: it arrives when the others have long gone on.
      release.resolve();
      const other = new FakeStrategy(counting);
      await harness.worker(other);
      await allDone(4);
      expect(other.sequences(stream.streamId)).toEqual([1, 2, 3]);
      proxy.mend();
      await until('the late commit to arrive and be refused', () => mortal.refused >= 1, 30_000);
      await until('its warm state to be thrown away', () => cutOff.discarded.length >= 1);
      await expectOneHistory(stream, 4);
      // It is a worker like any other again.
      await harness.registerAndRing(stream, 4, 12);
      await allDone(12);
      await expectOneHistory(stream, 12);
    },
  );

  it('changes nothing for a stateful analyzer when every job comes three times, to three workers', async () => {
    await start();
    const strategies = [new FakeStrategy(counting), new FakeStrategy(counting), new FakeStrategy(counting)];
    for (const strategy of strategies) await harness.worker(strategy);
    const stream = await harness.openStream();
    const jobs = await harness.register(stream, 0, 15);
    const queue = harness.get(QueueDirectory).get('default');
    await queue.addBulk(
      ['a', 'b', 'c'].flatMap((copy) =>
        jobs.map((job) => ({ name: 'analyze-segment', data: job, opts: { jobId: `copy-${job.segmentId}-${copy}` } })),
      ),
    );
    await allDone(15);
    await until('the queue to be empty', async () =>
      Object.values(await queue.getJobCounts('waiting', 'active', 'delayed')).every((count) => count === 0),
    );
    expect(strategies.flatMap((strategy) => strategy.sequences(stream.streamId)).sort((a, b) => a - b)).toEqual(upTo(15));
    await expectOneHistory(stream, 15);
  });

  it('records a job for a deleted file as skipped, and tells the analyzer of it by the checkpoint it gives it next', async () => {
    await start();
    const strategy = new FakeStrategy(counting);
    const stream = await harness.openStream();
    await harness.register(stream, 0, 4);
    await harness.rows(`UPDATE segments SET path = 'nowhere/000002.ts' WHERE sequence = 2`);
    await harness.worker(strategy);
    await allDone(3);
    expect(await harness.states()).toEqual({ done: 3, 'skipped(missing)': 1 });
    expect(strategy.executed.map(({ segment, tasks }) => [segment.sequence, tasks[0]?.checkpoint?.sequence])).toEqual([
      [0, undefined],
      [1, 0],
      [3, 1],
    ]);
  });

  it.each([1, -1])('keeps leases, retries and waits when the clock of its machine is off by %i h', async (hours) => {
    await start({ gapAfter: '1s', lease: '3s' });
    const realNow = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow.call(Date) + hours * 3_600_000);
    const behaviour = (job: AnalysisJob): readonly TaskOutcome[] =>
      job.segment.sequence === 1 && (job.tasks[0]?.attempt ?? 0) < 3
        ? job.tasks.map(({ runId }) => ({ runId, status: 'failed', code: 'VD_TEST_BROKEN', message: 'as told', retryable: true }))
        : counting(job);
    const first = new FakeStrategy(behaviour);
    const firstWorker = await harness.worker(first);
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 2);
    await allDone(2);
    expect(first.sequences(stream.streamId)).toEqual([0, 1, 1, 1]);

    // The clock is set right meanwhile; rings for later, which a queue times by its clients' clocks, are the only thing that it can touch.
    await harness.registerAndRing(stream, 3, 4);
    await until(
      'the wait to begin',
      async () => (await harness.rows<{ fence: string }>('SELECT fence FROM lanes WHERE owner IS NULL')).length === 1,
    );
    vi.restoreAllMocks();
    const second = new FakeStrategy(behaviour);
    await harness.worker(second);
    await allDone(3);
    const [waited] = await harness.rows<{ ms: number }>(
      'SELECT extract(epoch FROM r.started_at - s.registered_at)::float8 * 1000 AS ms FROM analysis_runs r JOIN segments s ON s.id = ' +
        'r.segment_id WHERE r.sequence = 3',
    );
    expect(waited?.ms).toBeGreaterThanOrEqual(999);
    expect(waited?.ms).toBeLessThan(4_000);
    expect([...first.overlaps, ...second.overlaps]).toEqual([]);
    await harness.stopWorker(firstWorker);
  });
});
