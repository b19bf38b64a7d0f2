import { afterEach, describe, expect, it } from 'vitest';
import { InstanceHeartbeat } from '../../src/core/persistence/instance-heartbeat.js';
import { PipelineWorker } from '../../src/core/pipeline/pipeline-worker.js';
import { CodedError } from '../../src/core/plugin-api/index.js';
import { checkInvariants } from '../faults/invariants.js';
import { until } from '../support/until.js';
import { pipelineRegistry, type Places } from './support/pipeline-registry.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { PipelineHarness, type HarnessOptions } from './support/pipeline-harness.js';

interface RunRow {
  sequence: number;
  state: string;
  reason: string | null;
  attempt: number;
  deferrals: number;
  strategy: string | null;
  strategy_reason: string | null;
  cost: number | null;
  decode_cpu_ms: number | null;
}

describe('where runs run', () => {
  let harness: PipelineHarness;
  afterEach(() => harness.close());

  async function start(fake: FakeStrategy, places: Places, options: HarnessOptions = {}) {
    harness = await PipelineHarness.start(options);
    const worker = await harness.worker(fake, pipelineRegistry(fake, undefined, places));
    return { worker, stream: await harness.openStream() };
  }
  const runs = (): Promise<RunRow[]> => harness.rows<RunRow>('SELECT * FROM analysis_runs ORDER BY sequence');
  const ended = (count: number): Promise<unknown> =>
    until(
      `${count} runs ended`,
      async () => (await runs()).filter(({ state }) => state !== 'queued' && state !== 'running').length === count,
    );

  it('waits while the only strategy is away, says why, and counts that as no attempt', async () => {
    const fake = new FakeStrategy();
    fake.status = 'down';
    const { stream } = await start(fake, { execution: { prefer: ['fake'] }, others: {} }, { config: { queues: { attempts: 2 } } });
    await harness.registerAndRing(stream, 0, 2);
    await until('several looks', async () => ((await runs())[0]?.deferrals ?? 0) >= 3);
    expect((await runs())[0]).toMatchObject({ state: 'queued', strategy_reason: 'fake is down' });
    expect(fake.executed).toEqual([]);
    fake.status = 'up';
    await ended(2);
    const [first, second] = await runs();
    expect(first).toMatchObject({ state: 'done', strategy: 'fake', strategy_reason: 'preferred', decode_cpu_ms: 1 });
    expect(first!.attempt - first!.deferrals).toBe(1);
    expect(second).toMatchObject({ state: 'done', attempt: 1 });
    expect(fake.executed[0]?.tasks[0]?.attempt).toBe(1);
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  });

  it('stores what other machines say of themselves, whatever bytes are in it', async () => {
    const fake = new FakeStrategy();
    fake.status = 'down';
    fake.detail = 'host \0 \ud800 away';
    fake.executedBy = 'lent\0machine';
    const { stream, worker } = await start(fake, { execution: { prefer: ['fake'] }, others: {} });
    await harness.registerAndRing(stream, 0, 1);
    await until('a first look', async () => ((await runs())[0]?.deferrals ?? 0) >= 1);
    expect((await runs())[0]?.strategy_reason).toBe('fake is down: host  \ufffd away');
    await worker
      .get(InstanceHeartbeat, { strict: false })
      .start('worker', '0', async () => ({ strategies: await worker.get(PipelineWorker, { strict: false }).report() }));
    expect(await harness.rows("SELECT detail->'strategies'->'fake'->>'detail' AS detail FROM instances")).toEqual([
      { detail: 'host  \ufffd away' },
    ]);
    fake.status = 'up';
    await ended(1);
    expect(await harness.rows('SELECT state, executed_by FROM analysis_runs')).toEqual([{ state: 'done', executed_by: 'lentmachine' }]);
  });

  it('skips what waited too long on a live stream, and says for what', async () => {
    const fake = new FakeStrategy();
    fake.status = 'down';
    const { stream } = await start(
      fake,
      { execution: { prefer: ['fake'] }, others: {} },
      { config: { queues: { maxLag: '1500ms', reconcileInterval: '200ms' } } },
    );
    await harness.registerAndRing(stream, 0, 1);
    await ended(1);
    expect((await runs())[0]).toMatchObject({ state: 'skipped', reason: 'away: fake is down', strategy: null });
  });

  it('goes on elsewhere while a strategy fails, leaves it alone for a while, and comes back', async () => {
    let isBroken = true;
    const fake = new FakeStrategy((job) => {
      if (isBroken) throw new CodedError('ACME_AWAY', 'no answer', undefined, { retryable: true });
      return job.tasks.map((task) => done(task, [sequenceMetric(job)]));
    });
    const backup = new FakeStrategy();
    const { stream, worker } = await start(fake, { execution: { prefer: ['fake', 'backup'] }, others: { backup: { strategy: backup } } });
    await harness.registerAndRing(stream, 0, 6);
    await ended(6);
    expect((await runs()).map(({ strategy, strategy_reason, attempt }) => [strategy, strategy_reason, attempt])).toEqual([
      ...Array.from({ length: 3 }, () => ['backup', 'fake failed with ACME_AWAY', 1]),
      ...Array.from({ length: 3 }, () => ['backup', 'fake rests after failures in a row', 1]),
    ]);
    expect(await worker.get(PipelineWorker, { strict: false }).report()).toMatchObject({
      fake: { status: 'up', breaker: 'open' },
      backup: { breaker: 'closed' },
    });
    isBroken = false;
    await until(
      'the rest to be over',
      async () => (await worker.get(PipelineWorker, { strict: false }).report())['fake']?.['breaker'] === 'half-open',
    );
    await harness.registerAndRing(stream, 6, 8);
    await ended(8);
    expect((await runs()).slice(6).map(({ strategy }) => strategy)).toEqual(['fake', 'fake']);
  });

  it('spills over when the deadline is at risk and comes back when it is not', async () => {
    const fake = new FakeStrategy();
    const remote = new FakeStrategy();
    const { stream } = await start(fake, {
      execution: { prefer: ['fake', 'remote'], deadline: '20s' },
      others: { remote: { strategy: remote, reach: 'lan' } },
    });
    fake.startDelayMs = 60_000;
    await harness.registerAndRing(stream, 0, 2);
    await ended(2);
    fake.startDelayMs = 0;
    await harness.registerAndRing(stream, 2, 4);
    await ended(4);
    expect((await runs()).map(({ strategy }) => strategy)).toEqual(['remote', 'remote', 'fake', 'fake']);
    expect((await runs())[0]?.strategy_reason).toMatch(/^fake would be done after 60\.\d s of 20\.0 s$/);
  });

  it('spends no more than the budget, however many workers there are, and goes on without', async () => {
    const cloud = new FakeStrategy();
    cloud.costPerJob = 0.5;
    const places: Places = {
      execution: { prefer: ['cloud', 'fake'], budget: { perDay: 2 } },
      others: { cloud: { strategy: cloud, reach: 'cloud' } },
    };
    const fake = new FakeStrategy();
    const { stream } = await start(fake, places);
    await harness.worker(fake, pipelineRegistry(fake, undefined, places));
    const streams = [stream, await harness.openStream(), await harness.openStream()];
    for (const one of streams) await harness.registerAndRing(one, 0, 4);
    await ended(12);
    const all = await runs();
    expect(all.filter(({ strategy }) => strategy === 'cloud')).toHaveLength(4);
    expect(all.filter(({ strategy }) => strategy === 'cloud').every(({ cost }) => cost === 0.5)).toBe(true);
    const spilled = all.filter(({ strategy }) => strategy === 'fake');
    expect(spilled).toHaveLength(8);
    expect(new Set(spilled.map(({ strategy_reason }) => strategy_reason))).toEqual(
      new Set(['cloud would cost more than the budget of test.counter has left']),
    );
    expect(await harness.rows('SELECT subject, amount FROM spending WHERE length(period) = 10 ORDER BY 1')).toEqual([
      { subject: 'analyzer:test.counter', amount: 2 },
      { subject: 'strategy:cloud', amount: 2 },
    ]);
  });

  it('skips what may go nowhere, with the reason, and sends nothing of a private stream to a cloud', async () => {
    const cloud = new FakeStrategy();
    const { stream } = await start(new FakeStrategy(), {
      execution: { prefer: ['cloud'] },
      others: { cloud: { strategy: cloud, reach: 'cloud' } },
    });
    await harness.streams.update(stream.streamId, { isPrivate: true });
    await harness.registerAndRing(stream, 0, 1);
    await ended(1);
    expect((await runs())[0]).toMatchObject({ state: 'skipped', reason: 'private: cloud is a cloud and the stream is private' });
    expect(cloud.executed).toEqual([]);
  });

  it('tries a strategy in the shadow: stores nothing of it but how it compares, and pays for it', async () => {
    const cloud = new FakeStrategy((job) =>
      job.tasks.map((task) =>
        job.segment.sequence === 2
          ? { runId: task.runId, status: 'failed', code: 'ACME_NO', message: 'no', retryable: false }
          : done(task, [sequenceMetric(job)]),
      ),
    );
    cloud.costPerJob = 0.25;
    const fake = new FakeStrategy();
    const { stream, worker } = await start(fake, {
      execution: { prefer: ['fake'], shadow: { strategy: 'cloud', share: 1 } },
      others: { cloud: { strategy: cloud, reach: 'cloud' } },
    });
    for (const sequence of [0, 1, 2]) {
      await harness.registerAndRing(stream, sequence, sequence + 1);
      await until('the comparison', async () => (await harness.rows('SELECT 1 FROM shadow_runs')).length === sequence + 1);
    }
    expect(
      await harness.rows('SELECT strategy, shadow_strategy, state, reason, agreement, matched, shadow_cost FROM shadow_runs ORDER BY id'),
    ).toEqual([
      { strategy: 'fake', shadow_strategy: 'cloud', state: 'compared', reason: null, agreement: 1, matched: 1, shadow_cost: 0.25 },
      { strategy: 'fake', shadow_strategy: 'cloud', state: 'compared', reason: null, agreement: 1, matched: 1, shadow_cost: 0.25 },
      {
        strategy: 'fake',
        shadow_strategy: 'cloud',
        state: 'failed',
        reason: 'ACME_NO: no',
        agreement: null,
        matched: null,
        shadow_cost: 0.25,
      },
    ]);
    expect((await runs()).map(({ strategy, state, cost }) => [strategy, state, cost])).toEqual(
      Array.from({ length: 3 }, () => ['fake', 'done', 0]),
    );
    expect(await harness.rows('SELECT count(*)::int AS count FROM metrics')).toEqual([{ count: 3 }]);
    expect(await harness.rows("SELECT amount FROM spending WHERE subject = 'strategy:cloud' AND length(period) = 10")).toEqual([
      { amount: 0.75 },
    ]);
    await worker
      .get(InstanceHeartbeat, { strict: false })
      .start('worker', '0', async () => ({ strategies: await worker.get(PipelineWorker, { strict: false }).report() }));
    expect(await harness.rows("SELECT detail->'strategies'->'cloud'->>'status' AS status FROM instances")).toEqual([{ status: 'up' }]);
  });
});
