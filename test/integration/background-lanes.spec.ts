import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisJob } from '../../src/core/plugin-api/index.js';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { checkInvariants } from '../faults/invariants.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { until } from '../support/until.js';
import { FILES } from './support/pipeline-registry.js';
import { PipelineHarness, type TestStream } from './support/pipeline-harness.js';

const WORK_MS = 20;

describe('background work', () => {
  let harness: PipelineHarness;
  afterEach(() => harness.close());

  const start = async (hosts: number): Promise<void> => {
    harness = await PipelineHarness.start({ config: { analysis: { hosts }, queues: { reconcileInterval: '1s', maxLag: '1s' } } });
  };
  const openFiles = (): Promise<TestStream> => harness.openStream(undefined, Date.now() - 86_400_000, FILES.id);
  const ended = async ({ streamId }: TestStream): Promise<number> => {
    const [row] = await harness.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM analysis_runs WHERE stream_id = $1 AND state = 'done'`,
      [streamId],
    );
    return row!.count;
  };

  it('lets a live segment wait for one segment of a file at most', async () => {
    await start(1);
    const [files, live] = [await openFiles(), await harness.openStream()];
    const order: string[] = [];
    /** How many segments of files were begun while a live one was waiting. */
    let [waitingSinceStart, worst] = [-1, 0];
    const strategy = new FakeStrategy(async (job: AnalysisJob) => {
      const isLive = job.segment.streamId === live.streamId;
      order.push(isLive ? 'live' : 'file');
      if (isLive) {
        worst = Math.max(worst, order.slice(waitingSinceStart).filter((what) => what === 'file').length);
        waitingSinceStart = -1;
      }
      await delay(WORK_MS);
      return job.tasks.map((task) => done(task, [sequenceMetric(job)]));
    });
    await harness.registerAndRing(files, 0, 60);
    await harness.worker(strategy);
    await until('the file to be under way', () => order.length > 3);
    for (let sequence = 0; sequence < 10; sequence++) {
      const jobs = await harness.register(live, sequence, sequence + 1);
      const begun = order.length;
      await harness.bell.ring(jobs);
      waitingSinceStart = begun;
      await until('the live segment to be through', async () => (await ended(live)) === sequence + 1);
    }
    // One may begin between the look at the order and the ring.
    expect(worst).toBeLessThanOrEqual(2);
    await until('the file to be through', async () => (await ended(files)) === 60, 30_000);
    expect(strategy.sequences(files.streamId)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(strategy.overlaps).toEqual([]);
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  });

  it('is not begun while live work has every host, and is never too late', async () => {
    await start(1);
    const [files, live] = [await openFiles(), await harness.openStream()];
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const strategy = new FakeStrategy(async (job: AnalysisJob) => {
      if (job.segment.streamId === live.streamId) await gate;
      return job.tasks.map((task) => done(task, [sequenceMetric(job)]));
    });
    await harness.worker(strategy);
    await harness.registerAndRing(live, 0, 1);
    await until('the live segment to be under way', () => strategy.executed.length === 1);
    await harness.registerAndRing(files, 0, 5);
    await delay(2_500); // longer than `maxLag` and a round of the reconciler
    expect(strategy.sequences(files.streamId)).toEqual([]);
    letGo();
    await until('the file to be through', async () => (await ended(files)) === 5);
    expect(await harness.states()).toEqual({ done: 6 });
  });

  it('leaves one of several hosts to live streams, and finds lanes that nobody rings for', async () => {
    await start(3);
    let [now, most] = [0, 0];
    const strategy = new FakeStrategy(async (job: AnalysisJob) => {
      most = Math.max(most, ++now);
      await delay(WORK_MS);
      now -= 1;
      return job.tasks.map((task) => done(task, [sequenceMetric(job)]));
    });
    const files = [await openFiles(), await openFiles(), await openFiles(), await openFiles()];
    for (const stream of files) await harness.register(stream, 0, 10);
    await harness.worker(strategy);
    await until('all to be through', async () => (await harness.states())['done'] === 40, 30_000);
    expect(most).toBe(2);
  });

  it('is no business of whoever rings for lanes of live streams', async () => {
    await start(1);
    const [files, live] = [await openFiles(), await harness.openStream()];
    await harness.register(files, 0, 1);
    await harness.register(live, 0, 1);
    const ledger = harness.get(RunLedger);
    const idle = async (isBackground: boolean): Promise<string[]> =>
      (await ledger.idleLanes(['default'], { backgroundAdapters: [FILES.id], isBackground })).map(({ streamId }) => streamId);
    expect([await idle(true), await idle(false)]).toEqual([[files.streamId], [live.streamId]]);
    expect(await ledger.streamsOf([files.streamId, live.streamId], [FILES.id])).toEqual([files.streamId]);
  });
});
