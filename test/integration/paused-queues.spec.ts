import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_LINE } from '../../src/core/audit/actor.js';
import { QueueControls } from '../../src/core/persistence/ledger/queue-controls.js';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { FakeStrategy } from '../support/fakes/fake-strategy.js';
import { startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { assignmentsOf, pipelineRegistry } from './support/pipeline-registry.js';
import { PipelineHarness } from './support/pipeline-harness.js';

/** The same on both: what rests is decided in the ledger, whatever carries the bells. */
describe.each(['postgres', 'redis'] as const)('a queue that is paused, with jobs on %s', (backend) => {
  let harness: PipelineHarness;
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  beforeAll(async () => {
    redis = backend === 'redis' ? await startRedis() : undefined;
    harness = await PipelineHarness.start({
      config: { queues: { reconcileInterval: '200ms', maxLag: '1h' } },
      ...(redis === undefined ? {} : { redisUrl: redis.url }),
    });
  });
  afterAll(async () => {
    await harness.close();
    await redis?.stop();
  });

  it('begins nothing, also not for a worker that starts meanwhile, and goes on where it was', async () => {
    const controls = harness.get(QueueControls);
    const ledger = harness.get(RunLedger);
    await controls.pause('default', COMMAND_LINE);
    const stream = await harness.openStream();
    const analyzers = [
      { id: 'test.counter', queue: 'default' },
      { id: 'test.other', queue: 'visual_analysis' },
    ];
    await harness.registerAndRing(stream, 0, 3, assignmentsOf(analyzers));
    const strategy = new FakeStrategy();
    const worker = await harness.worker(strategy, pipelineRegistry(strategy, analyzers));
    const left = async (queue: string): Promise<number> => {
      const [row] = await harness.rows<{ count: number }>(
        `SELECT count(*)::int AS count FROM analysis_runs WHERE queue = $1 AND state IN ('queued', 'running')`,
        [queue],
      );
      return row!.count;
    };
    // By the time that the other queue of the same segments is through, a worker would have begun with this one, too.
    await until('the other queue is through', async () => (await left('visual_analysis')) === 0);
    expect(await left('default')).toBe(3);
    expect(await ledger.idleLanes(null)).toEqual([]);
    const turn = await ledger.enter({ streamId: stream.streamId, queue: 'default' }, 'somebody');
    if (!('lane' in turn)) throw new Error(turn.kind);
    expect(await ledger.advance(turn.lane, 'somebody')).toEqual({ kind: 'released', dueInMs: null });
    await controls.resume('default', COMMAND_LINE);
    await until('it goes on', async () => (await left('default')) === 0);
    expect(strategy.overlaps).toEqual([]);
    await harness.stopWorker(worker);
  });

  it('says of runs that are too late for a live stream that the queue was paused', async () => {
    const controls = harness.get(QueueControls);
    await controls.pause('default', COMMAND_LINE);
    const stream = await harness.openStream();
    await harness.register(stream, 0, 1);
    await harness.rows(`UPDATE analysis_runs SET created_at = now() - interval '2 hours' WHERE stream_id = $1`, [stream.streamId]);
    await harness.get(RunLedger).skipOverdue(3_600_000);
    const rows = await harness.rows<{ reason: string }>(
      `SELECT DISTINCT reason FROM analysis_runs WHERE stream_id = $1 AND queue = 'default'`,
      [stream.streamId],
    );
    expect(rows).toEqual([{ reason: 'paused' }]);
    await controls.resume('default', COMMAND_LINE);
  });
});
