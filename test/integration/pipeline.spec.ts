import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { QueueFiguresSource } from '../../src/core/queue/queue-figures-source.js';
import { InstanceHeartbeat } from '../../src/core/persistence/instance-heartbeat.js';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { QueueDirectory } from '../../src/core/queue/queue-directory.js';
import { checkInvariants } from '../faults/invariants.js';
import { maintain } from '../support/postgres.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { assignmentsOf, pipelineRegistry } from './support/pipeline-registry.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { PipelineHarness, type HarnessOptions } from './support/pipeline-harness.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.each(['postgres', 'redis'] as const)('the pipeline with queues on %s', (backend) => {
  let redis: TestRedis | undefined;
  let harness: PipelineHarness;

  beforeAll(async () => {
    if (backend === 'redis') redis = await startRedis();
  });
  afterAll(() => redis?.stop());
  afterEach(() => harness.close());

  const start = async (options: HarnessOptions = {}): Promise<PipelineHarness> => {
    await redis?.command('FLUSHALL');
    harness = await PipelineHarness.start({ ...options, redisUrl: redis?.url });
    return harness;
  };
  const allDone = (count: number, deadlineMs?: number): Promise<unknown> =>
    until(`${count} runs done`, async () => (await harness.states())['done'] === count, deadlineMs);
  const wipeQueue = async (): Promise<void> => {
    if (redis !== undefined) await redis.command('FLUSHALL');
    else await harness.rows('TRUNCATE bullmq.job CASCADE');
  };
  const expectNothingWrong = async (): Promise<void> => {
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  };

  it('processes each segment of each stream once and in order with two workers contending', async () => {
    await start();
    const workers = [new FakeStrategy(), new FakeStrategy()];
    for (const strategy of workers) await harness.worker(strategy);
    const streams = [await harness.openStream(), await harness.openStream(), await harness.openStream()];
    for (const sequence of upTo(20)) await Promise.all(streams.map((stream) => harness.registerAndRing(stream, sequence, sequence + 1)));
    await allDone(60);
    for (const { streamId } of streams) {
      const order = await harness.rows<{ sequence: number }>(
        'SELECT sequence FROM analysis_runs WHERE stream_id = $1 ORDER BY started_at',
        [streamId],
      );
      expect(order.map(({ sequence }) => sequence)).toEqual(upTo(20));
      expect(workers.flatMap((strategy) => strategy.sequences(streamId)).sort((a, b) => a - b)).toEqual(upTo(20));
    }
    expect(workers.flatMap(({ overlaps }) => overlaps)).toEqual([]);
    expect(await harness.rows('SELECT count(*)::int AS count FROM metrics')).toEqual([{ count: 60 }]);
    await expectNothingWrong();
  });

  it('changes nothing when every job is delivered three times', async () => {
    await start();
    const strategy = new FakeStrategy();
    const stream = await harness.openStream();
    const jobs = await harness.register(stream, 0, 10);
    const queue = harness.get(QueueDirectory).get('default');
    for (const copy of ['a', 'b', 'c']) {
      await queue.addBulk(jobs.map((job) => ({ name: 'analyze-segment', data: job, opts: { jobId: `copy-${job.segmentId}-${copy}` } })));
    }
    await harness.worker(strategy);
    await allDone(10);
    await until('the queue to be empty', async () =>
      Object.values(await queue.getJobCounts('waiting', 'active', 'delayed')).every((count) => count === 0),
    );
    expect(strategy.sequences(stream.streamId)).toEqual(upTo(10));
    expect(await harness.rows('SELECT value FROM metrics ORDER BY value')).toEqual(upTo(10).map((value) => ({ value })));
    await expectNothingWrong();
  });

  it('has one job for a lane however many segments come and however often it is rung for, and works all of them', async () => {
    await start({ config: { queues: { reconcileInterval: '1h' } } });
    const stream = await harness.openStream();
    const jobs = await harness.registerAndRing(stream, 0, 5);
    await harness.registerAndRing(stream, 5, 6);
    await Promise.all([harness.bell.ring(jobs), harness.bell.ring(jobs)]);
    const counts = await harness.get(QueueDirectory).get('default').getJobCounts('waiting');
    expect(counts['waiting']).toBe(1);
    await harness.worker(new FakeStrategy());
    await allDone(6);
  });

  it('misses no segment that comes while its lane is being let go', async () => {
    await start({ config: { queues: { reconcileInterval: '1h' } } });
    await harness.worker(new FakeStrategy());
    const streams = await Promise.all(Array.from({ length: 6 }, () => harness.openStream()));
    // Each follows as soon as the one before has ended: that is when its holder leaves.
    await Promise.all(
      streams.map(async (stream) => {
        for (const sequence of upTo(30)) {
          await harness.registerAndRing(stream, sequence, sequence + 1);
          await until('the segment to be through', async () => {
            const [row] = await harness.rows<{ state: string }>('SELECT state FROM analysis_runs WHERE stream_id = $1 AND sequence = $2', [
              stream.streamId,
              sequence,
            ]);
            return row?.state === 'done';
          });
        }
      }),
    );
    await expectNothingWrong();
  });

  it('completes everything after all jobs are lost', async () => {
    await start({ config: { queues: { reconcileInterval: '300ms' } } });
    const streams = [await harness.openStream(), await harness.openStream()];
    for (const stream of streams) await harness.registerAndRing(stream, 0, 10);
    await wipeQueue();
    await harness.worker(new FakeStrategy());
    await allDone(20);

    // And again while the worker runs, when nothing was ever rung for.
    for (const stream of streams) await harness.register(stream, 10, 15);
    await allDone(30);
    await expectNothingWrong();
  });

  it('tries a failed run again with back-off, keeps the order meanwhile, and keeps the error of one that fails for good', async () => {
    await start({ config: { queues: { attempts: 3, backoff: '50ms' } } });
    const strategy = new FakeStrategy((job) =>
      job.tasks.map((task) => {
        const fails = job.segment.sequence === 1 ? task.attempt < 3 : job.segment.sequence === 2;
        return fails
          ? { runId: task.runId, status: 'failed', code: 'VD_TEST_BROKEN', message: 'as told', retryable: true }
          : done(task, [sequenceMetric(job)]);
      }),
    );
    await harness.worker(strategy);
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 4);
    await until('4 runs ended', async () => (await harness.states())['done'] === 3 && (await harness.states())['failed'] === 1);
    expect(strategy.sequences(stream.streamId)).toEqual([0, 1, 1, 1, 2, 2, 2, 3]);
    expect(await harness.rows(`SELECT sequence, attempt, error_code, error_message FROM analysis_runs WHERE state = 'failed'`)).toEqual([
      { sequence: 2, attempt: 3, error_code: 'VD_TEST_BROKEN', error_message: 'as told' },
    ]);
    await expectNothingWrong();
  });

  it('keeps the error of a dead job for operators', async () => {
    await start({ config: { queues: { attempts: 1 } } });
    await harness.worker(
      new FakeStrategy((job) =>
        job.tasks.map((task) => ({ runId: task.runId, status: 'failed', code: 'VD_TEST_BROKEN', message: 'as told', retryable: false })),
      ),
    );
    await harness.registerAndRing(await harness.openStream('yard'), 0, 1);
    const figures = harness.get(QueueFiguresSource);
    const failed = await until('the dead job', async () => {
      const jobs = await figures.failed('default', 10);
      return jobs?.[0];
    });
    expect(failed).toMatchObject({
      queue: 'default',
      error: expect.stringMatching(/^VD_PIPELINE_RUN_FAILED: .*test\.counter on segment 0 of yard: VD_TEST_BROKEN: as told/),
    });
    expect(await figures.failed('nonsense', 10)).toBeNull();
    const queue = (await figures.figures()).find(({ name }) => name === 'default');
    expect(queue).toMatchObject({
      backend,
      failed: 1,
      runsQueued: 0,
      runsRunning: 0,
      lagMs: 0,
      lastMinute: { done: 0, partial: 0, skipped: 0, failed: 1 },
      skipReasons: [],
    });
  });

  it('takes over the lane of a worker that vanished and drops what the late one still commits', async () => {
    await start({ config: { queues: { lease: '1s', reconcileInterval: '200ms', lockDuration: '20s', stalledInterval: '500ms' } } });
    const release = Promise.withResolvers<void>();
    const frozen = new FakeStrategy(async (job) => {
      await release.promise;
      return job.tasks.map((task) => done(task, [{ ...sequenceMetric(job), name: 'late' } as never]));
    });
    const late = await harness.worker(frozen);
    // From here on this worker's leases lapse, as when its process is stopped or cut off.
    late.get(RunLedger, { strict: false }).renew = () => Promise.reject(new Error('cut off'));
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 1);
    await until('the first worker to begin', () => frozen.executed.length === 1);

    const next = new FakeStrategy();
    await harness.worker(next);
    await allDone(1, 45_000);
    expect(next.executed[0]?.tasks[0]?.attempt).toBe(2);
    release.resolve();
    await until('the late results to be dropped', () => frozen.discarded.length === 1);
    expect(await harness.rows('SELECT name FROM metrics')).toEqual([{ name: 'sequence' }]);
    expect(await harness.states()).toEqual({ done: 1 });
    await expectNothingWrong();
  });

  it('hands back what is under way when it stops', async () => {
    await start({ config: { queues: { reconcileInterval: '200ms' } } });
    const stuck = new FakeStrategy(
      (_, signal) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const stopping = await harness.worker(stuck);
    await harness.registerAndRing(await harness.openStream(), 0, 2);
    await until('work to be under way', () => stuck.executed.length === 1);
    await harness.stopWorker(stopping);
    expect(await harness.states()).toEqual({ queued: 2 });
    expect(await harness.rows('SELECT owner FROM lanes WHERE owner IS NOT NULL')).toEqual([]);

    await harness.worker(new FakeStrategy());
    await allDone(2);
    await expectNothingWrong();
  });

  it('gives up a segment that takes its worker down each time, and goes on with the next', async () => {
    await start({ config: { queues: { attempts: 2, reconcileInterval: '200ms' } } });
    const stream = await harness.openStream();
    await harness.register(stream, 0, 2);
    const ledger = harness.get(RunLedger);
    for (const [owner, wasLeft] of [
      ['dead-1', false],
      ['dead-2', true],
    ] as const) {
      const turn = await ledger.enter({ streamId: stream.streamId, queue: 'default' }, owner);
      expect(turn).toMatchObject({ kind: 'claimed', work: { runs: [{ wasLeft }] } });
      await harness.rows(`UPDATE lanes SET lease_until = now() - interval '1 second'`);
    }
    const strategy = new FakeStrategy();
    await harness.worker(strategy);
    await allDone(1);
    expect(strategy.sequences(stream.streamId)).toEqual([1]);
    expect(await harness.rows(`SELECT sequence, state, error_code FROM analysis_runs ORDER BY sequence`)).toEqual([
      { sequence: 0, state: 'failed', error_code: 'VD_PIPELINE_POISON' },
      { sequence: 1, state: 'done', error_code: null },
    ]);
    const told = await until('the dead job', async () => (await harness.get(QueueFiguresSource).failed('default', 10))?.[0]?.error);
    expect(told).toContain(`test.counter on segment 0 of ${stream.name}: VD_PIPELINE_POISON: Its worker died 2 times`);
    await expectNothingWrong();
  });

  it('skips the oldest segments of a live stream that lags too much, each on record', async () => {
    await start({ config: { queues: { maxLag: '60s' } } });
    const [behind, ended] = [await harness.openStream('behind'), await harness.openStream('ended')];
    await harness.register(behind, 0, 40);
    await harness.register(ended, 0, 5);
    await harness.ledger.closeEpoch(ended.epochId, 'ended');
    await harness.rows(`UPDATE analysis_runs SET created_at = now() - interval '2 minutes' WHERE sequence < 30`);
    await harness.worker(new FakeStrategy());
    await allDone(15);
    expect(await harness.states()).toEqual({ 'skipped(overload)': 30, done: 15 });
    const skipped = await harness.rows<{ sequence: number }>(
      `SELECT sequence FROM analysis_runs WHERE state = 'skipped' ORDER BY sequence`,
    );
    expect(skipped.map(({ sequence }) => sequence)).toEqual(upTo(30));
    await expectNothingWrong();
  });

  it('says why it left a segment out: file gone, analyzer gone, config changed', async () => {
    await start();
    const analyzers = [
      { id: 'test.counter', queue: 'default' },
      { id: 'test.gone', queue: 'default' },
      { id: 'test.changed', queue: 'default', configHash: 'old' },
    ];
    const strategy = new FakeStrategy();
    const stream = await harness.openStream();
    await harness.register(stream, 0, 1, assignmentsOf(analyzers));
    await harness.worker(
      strategy,
      pipelineRegistry(strategy, [
        { id: 'test.counter', queue: 'default' },
        { id: 'test.changed', queue: 'default', configHash: 'new' },
      ]),
    );
    await allDone(1);
    await harness.bell.ring(await harness.register(stream, 1, 2, undefined, false));
    await until('the missing file on record', async () => (await harness.states())['skipped(missing)'] === 1);
    expect(await harness.states()).toEqual({ done: 1, 'skipped(disabled)': 1, 'skipped(config-changed)': 1, 'skipped(missing)': 1 });
  });

  it('takes only the queues it is told to, and refuses one that does not exist', async () => {
    await start();
    const analyzers = [
      { id: 'test.counter', queue: 'default' },
      { id: 'test.looker', queue: 'visual_analysis' },
    ];
    const strategy = new FakeStrategy();
    await harness.worker(strategy, pipelineRegistry(strategy, analyzers), ['visual_analysis']);
    await harness.registerAndRing(await harness.openStream(), 0, 3, assignmentsOf(analyzers));
    await allDone(3);
    expect(new Set(strategy.executed.map(({ queue }) => queue))).toEqual(new Set(['visual_analysis']));
    expect(await harness.states()).toEqual({ done: 3, queued: 3 });
    await expect(harness.worker(strategy, pipelineRegistry(strategy), ['nonsense'])).rejects.toMatchObject({ code: 'VD_QUEUE_UNKNOWN' });
  });

  it('goes on after all its database connections are cut', async () => {
    await start({ config: { queues: { reconcileInterval: '300ms' } } });
    const strategy = new FakeStrategy(async (job) => {
      await delay(30);
      return job.tasks.map((task) => done(task, [sequenceMetric(job)]));
    });
    await harness.worker(strategy);
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 30);
    for (const reached of [5, 15]) {
      await until(`${reached} segments`, () => strategy.executed.length >= reached);
      await maintain(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${harness.database.name}'`);
    }
    await until(
      '30 runs done',
      () =>
        harness.states().then(
          (states) => states['done'] === 30,
          () => false,
        ),
      30_000,
    );
    expect(await harness.rows('SELECT value FROM metrics ORDER BY value')).toEqual(upTo(30).map((value) => ({ value })));
    await expectNothingWrong();
  });

  it('carries an event over segments, hands on checkpoints, and ends at the epoch what nobody ended', async () => {
    await start();
    const seen: unknown[] = [];
    const strategy = new FakeStrategy((job) =>
      job.tasks.map((task) => {
        seen.push(task.checkpoint?.data);
        const event = (phase: 'start' | 'update' | 'end', key: string) =>
          ({
            type: 'event',
            phase,
            key,
            name: 'black',
            ptsUs: job.segment.ptsStartUs + 10,
            data: { [phase]: job.segment.sequence },
          }) as const;
        const results =
          [[event('start', 'one')], [event('update', 'one')], [event('end', 'one'), event('start', 'two')], []][job.segment.sequence] ?? [];
        return done(task, results, { checkpoint: job.segment.sequence });
      }),
    );
    await harness.worker(strategy);
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 4);
    await allDone(4);
    expect(seen).toEqual([undefined, 0, 1, 2]);
    const events = 'SELECT key, state, start_pts_us, end_pts_us, end_reason, data FROM events ORDER BY key';
    const first = {
      key: 'one',
      state: 'closed',
      start_pts_us: '10',
      end_pts_us: '4000010',
      end_reason: null,
      data: { start: 0, update: 1, end: 2 },
    };
    expect(await harness.rows(events)).toEqual([
      first,
      { key: 'two', state: 'open', start_pts_us: '4000010', end_pts_us: null, end_reason: null, data: { start: 2 } },
    ]);
    await harness.ledger.closeEpoch(stream.epochId, 'publisher left');
    expect(await harness.rows(events)).toEqual([
      first,
      { key: 'two', state: 'closed', start_pts_us: '4000010', end_pts_us: '8000000', end_reason: 'epoch-ended', data: { start: 2 } },
    ]);
    expect(
      await harness.rows(
        "SELECT count(*)::int AS told FROM feed f JOIN events v ON f.payload->>'eventId' = v.id::text WHERE f.kind = 'event.closed'",
      ),
    ).toEqual([{ told: 1 }]);
    await expectNothingWrong();
  });

  it('fails a run whose results cannot be true, and keeps nothing of it', async () => {
    await start();
    await harness.worker(
      new FakeStrategy((job) =>
        job.tasks.map((task) => done(task, [sequenceMetric(job), { ...sequenceMetric(job), value: Number.NaN } as never])),
      ),
    );
    await harness.registerAndRing(await harness.openStream(), 0, 1);
    await until('the run to fail', async () => (await harness.states())['failed'] === 1);
    expect(await harness.rows('SELECT error_code, error_message FROM analysis_runs')).toEqual([
      {
        error_code: 'VD_PIPELINE_OUTCOME_INVALID',
        error_message: expect.stringMatching(/^Strategy fake gave no valid outcome for test.counter in job .*: results\.1\.value: /),
      },
    ]);
    expect(await harness.rows('SELECT 1 FROM metrics')).toEqual([]);
  });

  it('shows itself among the instances while it runs, and not after', async () => {
    await start();
    const worker = await harness.worker(new FakeStrategy());
    const heartbeat = worker.get(InstanceHeartbeat, { strict: false });
    await heartbeat.start('worker', '1.2.3', () => ({ queues: ['default'] }));
    expect(await harness.rows('SELECT id, role, version FROM instances')).toEqual([
      { id: heartbeat.instanceId, role: 'worker', version: '1.2.3' },
    ]);
    await harness.stopWorker(worker);
    expect(await harness.rows('SELECT id FROM instances')).toEqual([]);
  });
});
