import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { until } from '../support/until.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { PipelineHarness } from './support/pipeline-harness.js';

describe('the end of an epoch', () => {
  let harness: PipelineHarness;
  beforeAll(async () => {
    harness = await PipelineHarness.start({ config: { queues: { reconcileInterval: '1h' } } });
  });
  afterAll(() => harness.close());

  const start = (job: Parameters<typeof sequenceMetric>[0]) =>
    ({ type: 'event', phase: 'start', key: `k${job.segment.sequence}`, name: 'black', ptsUs: job.segment.ptsStartUs }) as const;
  const open = async (): Promise<number> => (await harness.rows("SELECT 1 FROM events WHERE state = 'open'")).length;

  it.each(['before', 'while', 'after'] as const)(
    'ends what is open at once when it closes %s its last segment is looked at',
    async (when) => {
      const going = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const worker = await harness.worker(
        new FakeStrategy(async (job) => {
          going.resolve();
          if (when === 'while') await release.promise;
          return job.tasks.map((task) => done(task, [start(job)], { checkpoint: 1 }));
        }),
      );
      const stream = await harness.openStream();
      const jobs = await harness.register(stream, 0, 1);
      if (when === 'before') await harness.ledger.closeEpoch(stream.epochId, 'ended');
      await harness.bell.ring(jobs);
      await going.promise;
      if (when === 'while') {
        await harness.ledger.closeEpoch(stream.epochId, 'ended');
        release.resolve();
      }
      await until(
        'the event',
        async () => (await harness.rows('SELECT 1 FROM events WHERE stream_id = $1', [stream.streamId])).length === 1,
      );
      if (when === 'after') {
        expect(await open()).toBe(1);
        await harness.ledger.closeEpoch(stream.epochId, 'ended');
      }
      await until('it to end', async () => (await open()) === 0, 1_000);
      await harness.stopWorker(worker);
    },
  );

  it('ends what is open when the last that is left comes too late', async () => {
    const runs = harness.get(RunLedger);
    const stream = await harness.openStream();
    const lane = { streamId: stream.streamId, queue: 'default' };
    await harness.register(stream, 1, 2);
    await harness.rows(`UPDATE segments SET registered_at = registered_at - interval '1 minute' WHERE epoch_id = $1`, [stream.epochId]);
    const turn = await runs.enter(lane, 'me');
    if (turn.kind !== 'claimed') throw new Error(`Not claimed: ${turn.kind}`);
    const [run] = turn.work.runs;
    if (run === undefined) throw new Error('No run');
    const event = { type: 'event', phase: 'start', key: 'k', name: 'black', ptsUs: 2_000_000 } as const;
    await runs.settle('me', turn.work, [
      {
        runId: run.runId,
        attempt: run.attempt,
        state: 'done',
        framesSeen: 1,
        framesExpected: 1,
        cpuMs: 1,
        results: [event],
        checkpoint: 1,
      },
    ]);
    await harness.register(stream, 0, 1);
    await harness.ledger.closeEpoch(stream.epochId, 'ended');
    expect(await open()).toBe(1);
    expect(await runs.advance(turn.lane, 'me')).toMatchObject({ kind: 'again' });
    expect(await open()).toBe(0);
  });

  it('never falls between the closing and the last run, however close they come', async () => {
    const runs = harness.get(RunLedger);
    for (let round = 0; round < 30; round++) {
      const stream = await harness.openStream();
      await harness.register(stream, 0, 1);
      const turn = await runs.enter({ streamId: stream.streamId, queue: 'default' }, 'me');
      if (turn.kind !== 'claimed') throw new Error('Not claimed');
      const [run] = turn.work.runs;
      if (run === undefined) throw new Error('No run');
      const event = { type: 'event', phase: 'start', key: 'k', name: 'black', ptsUs: 0 } as const;
      await Promise.all([
        harness.ledger.closeEpoch(stream.epochId, 'ended'),
        runs.settle('me', turn.work, [
          { runId: run.runId, attempt: run.attempt, state: 'done', framesSeen: 1, framesExpected: 1, cpuMs: 1, results: [event] },
        ]),
      ]);
      expect(await harness.rows('SELECT state, end_reason FROM events WHERE stream_id = $1', [stream.streamId])).toEqual([
        { state: 'closed', end_reason: 'epoch-ended' },
      ]);
    }
  });
});
