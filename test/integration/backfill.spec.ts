import type { Abstract, INestApplicationContext } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisJob, AnalysisResult, JsonObject, TaskOutcome } from '../../src/core/plugin-api/index.js';
import { Box } from '../../src/core/plugin-api/index.js';
import { LedgerArchiver } from '../../src/core/persistence/archive/ledger-archiver.js';
import { BackfillDifferences } from '../../src/core/persistence/backfill/backfill-differences.js';
import { type Backfill, BackfillStore, type NewBackfill } from '../../src/core/persistence/backfill/backfill-store.js';
import { TimelineReads } from '../../src/core/persistence/read/timeline-reads.js';
import { checkInvariants } from '../faults/invariants.js';
import { done, FakeStrategy } from '../support/fakes/fake-strategy.js';
import { until } from '../support/until.js';
import { assignmentsOf, pipelineRegistry } from './support/pipeline-registry.js';
import { PipelineHarness, SEGMENT_US, type TestStream } from './support/pipeline-harness.js';

const HOUR_MS = 3_600_000;
const BY = { name: 'a person' } as never;
const ANALYZER = { id: 'test.counter', queue: 'default' };

/** Any provider of a worker. */
const of = (app: INestApplicationContext) => ({ get: <T>(token: Abstract<T>): T => app.get<T>(token, { strict: false }) });
type Provided = ReturnType<typeof of>;

/** Three boxes a segment, one of each score; whoever asks for less gets more of them. An event lasts from segment 2 to 3. */
function look(job: AnalysisJob, minScore: number, checkpoint?: number): TaskOutcome[] {
  const { ptsStartUs, sequence } = job.segment;
  return job.tasks.map((task) => {
    const before = (task.checkpoint?.data as number | undefined) ?? 0;
    const boxes = [0.3, 0.6, 0.9]
      .filter((score) => score >= minScore)
      .map((score, i): AnalysisResult => ({
        ...{ type: 'detection', ptsUs: ptsStartUs + 1_000, label: i === 0 ? 'cat' : 'dog', score, trackId: String(i) },
        box: Box.from01(0.1 * (10 * score - 2), 0.2, 0.1, 0.1),
      }));
    const event = { type: 'event', key: 'e1', name: 'crossing', ptsUs: ptsStartUs + 2_000 } as const;
    const events: AnalysisResult[] = sequence === 2 ? [{ ...event, phase: 'start' }] : sequence === 3 ? [{ ...event, phase: 'end' }] : [];
    const counted: AnalysisResult = { type: 'metric', ptsUs: ptsStartUs, name: 'seen', unit: 'count', value: before + 1 };
    return done(task, [...boxes, ...events, counted], { checkpoint: checkpoint ?? before + 1 });
  });
}

describe('analysing recordings again', () => {
  let harness: PipelineHarness;
  afterEach(() => harness.close());

  const start = async (): Promise<void> => {
    harness = await PipelineHarness.start({ config: { analysis: { hosts: 1 }, queues: { reconcileInterval: '1s', lease: '2s' } } });
  };
  const worker = async (behaviour: (job: AnalysisJob, signal: AbortSignal) => Promise<TaskOutcome[]> | TaskOutcome[]) => {
    const strategy = new FakeStrategy(behaviour);
    return { strategy, app: await harness.worker(strategy, pipelineRegistry(strategy, [ANALYZER])) };
  };
  /** A stream of an hour ago, analysed live with a threshold of 0.5; `failing` segments failed. */
  const recorded = async (segments: number, failing: readonly number[] = []): Promise<TestStream> => {
    const stream = await harness.openStream(undefined, Date.now() - HOUR_MS);
    await harness.registerAndRing(stream, 0, segments, assignmentsOf([ANALYZER]));
    const live = await worker((job) =>
      failing.includes(job.segment.sequence)
        ? job.tasks.map(({ runId }) => ({ runId, status: 'failed', code: 'VD_TEST', message: 'no', retryable: false }))
        : look(job, 0.5),
    );
    await until('all to be analysed live', async () => {
      const states = await harness.states();
      return (states['done'] ?? 0) + (states['failed'] ?? 0) === segments;
    });
    await harness.stopWorker(live.app);
    return stream;
  };
  const asked = (stream: TestStream, more: Partial<NewBackfill> = {}): NewBackfill => ({
    ...{ title: 'again', streamIds: [stream.streamId], fromMs: Date.now() - 2 * HOUR_MS, toMs: Date.now() },
    ...{ analyzerId: ANALYZER.id, analyzerVersion: '1.0.0', config: null, onlyMissing: false, applies: false, ...more },
  });
  const ended = async (app: Provided, id: string): Promise<Backfill> => {
    const store = app.get(BackfillStore);
    await until('the backfill to end', async () => ['done', 'failed'].includes((await store.one(id)).state), 10_000);
    return store.one(id);
  };
  const detections = async (stream: TestStream, app: Provided): Promise<number> =>
    (
      await app
        .get(TimelineReads)
        .detections({ streamId: stream.streamId, limit: 5_000, descending: false, fromUs: (Date.now() - 2 * HOUR_MS) * 1_000 })
    ).items.length;
  const expectNothingWrong = async (): Promise<void> => {
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  };

  it('fills what failed and what was never asked for, and leaves the rest as it is', async () => {
    await start();
    const stream = await recorded(10, [4, 5]);
    await harness.register(stream, 10, 13, []); // nobody looked at these
    const { strategy, app } = await worker((job) => look(job, 0.5));
    const get = of(app);
    const store = get.get(BackfillStore);
    expect(await store.quote(asked(stream, { onlyMissing: true }))).toEqual({
      ...{ segments: 5, mediaMs: (5 * SEGMENT_US) / 1_000, missing: 0, analysed: 8, cpuMs: 10 },
    });
    const { id } = await store.create(asked(stream, { onlyMissing: true }), BY);
    const job = await ended(get, id);
    expect(job).toMatchObject({ state: 'done', outcome: null, counts: { done: 5, failed: 0, queued: 0, applied: 5 } });
    expect(strategy.sequences(stream.streamId)).toEqual([4, 5, 10, 11, 12]);
    expect(await harness.states()).toEqual({ done: 13 });
    expect(await detections(stream, get)).toBe(2 * 13);
    await expectNothingWrong();
  });

  it('keeps what a draft finds apart, tells the difference, and puts it in place when asked', async () => {
    await start();
    const stream = await recorded(6);
    const seen: JsonObject[] = [];
    const { app } = await worker((job) => {
      for (const task of job.tasks) seen.push(task.writtenConfig as JsonObject);
      return look(job, 0.2);
    });
    const get = of(app);
    const store = get.get(BackfillStore);
    const { id } = await store.create(asked(stream), BY);
    expect(await ended(get, id)).toMatchObject({
      state: 'done',
      outcome: null,
      phase: 'comparing',
      counts: { done: 6, compared: 6, applied: 0 },
    });
    expect(await detections(stream, get)).toBe(2 * 6);
    const { range, events } = await get.get(BackfillDifferences).of(id, 10);
    // The label of the box with the least score changes, since it is the first: what was a cat is a dog now.
    expect(range.detections).toEqual([
      ['cat', [0, 6, 6]],
      ['dog', [6, 0, 6]],
    ]);
    expect(range.examples).toHaveLength(10);
    expect(range.examples[0]).toMatchObject({ foundBy: 'old', label: 'cat', ptsUs: 1_000 });
    expect(events).toMatchObject({ matched: [{ old: { name: 'crossing' }, new: { name: 'crossing' } }], onlyOld: [], onlyNew: [] });
    await store.apply(id, BY);
    expect(await ended(get, id)).toMatchObject({ outcome: 'applied', counts: { applied: 6 } });
    expect(await detections(stream, get)).toBe(3 * 6);
    expect(await harness.states()).toEqual({ done: 6 });
    const known = await harness.rows<{ key: string; state: string; start: string; end: string }>(
      'SELECT key, state, start_pts_us::text AS start, end_pts_us::text AS "end" FROM events',
    );
    expect(known).toEqual([{ key: `${id.slice(0, 8)}:e1`, state: 'closed', start: '4002000', end: '6002000' }]);
    // A count that goes on from segment to segment, as it did live.
    const metrics = await harness.rows<{ value: number }>('SELECT value FROM metrics ORDER BY at');
    expect(metrics.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(store.apply(id, BY)).rejects.toMatchObject({ code: 'VD_BACKFILL_STATE' });
    await expectNothingWrong();
  });

  it('takes the place of what is packed already', async () => {
    await start();
    const stream = await recorded(6, [3]);
    await harness.rows(
      `UPDATE analysis_runs SET finished_at = finished_at - interval '9 hours', created_at = created_at - interval '9 hours'`,
    );
    await harness.get(LedgerArchiver).pack();
    expect(await harness.rows(`SELECT DISTINCT kind FROM ledger_archive ORDER BY kind`)).toEqual([
      ...[{ kind: 'detections' }, { kind: 'metrics' }, { kind: 'runs' }],
    ]);
    const { app } = await worker((job) => look(job, 0.2));
    const get = of(app);
    const store = get.get(BackfillStore);
    // The one that failed is filled; then all is done anew.
    const filling = await store.create(asked(stream, { onlyMissing: true }), BY);
    expect(await ended(get, filling.id)).toMatchObject({ counts: { done: 1 } });
    expect(await detections(stream, get)).toBe(2 * 5 + 3);
    const again = await store.create(asked(stream, { applies: true }), BY);
    expect(await ended(get, again.id)).toMatchObject({ state: 'done', outcome: 'applied', counts: { done: 6, applied: 6 } });
    expect(await detections(stream, get)).toBe(3 * 6);
    const runs = await get.get(TimelineReads).runs({ streamId: stream.streamId, limit: 100, descending: false, fromUs: 0 });
    expect(runs.items.map(({ sequence, state }) => [sequence, state])).toEqual([0, 1, 2, 3, 4, 5].map((sequence) => [sequence, 'done']));
    await expectNothingWrong();
  });

  it('goes on where its worker died, with the state it had, and does nothing twice', async () => {
    await start();
    const stream = await recorded(8);
    const first = await worker(async (job, signal) => {
      if (job.segment.sequence < 3) return look(job, 0.5);
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')), { once: true }));
      return [];
    });
    const store = first.app.get(BackfillStore, { strict: false });
    const { id } = await store.create(asked(stream, { applies: true }), BY);
    await until('it to be at the fourth segment', () => first.strategy.executed.some(({ segment }) => segment.sequence === 3));
    // As if its process was killed: its lease is all that is left of it, and lapses.
    await harness.rows(`UPDATE backfill_streams SET owner = 'a dead worker', fence = fence + 1`);
    await harness.stopWorker(first.app);
    const second = await worker((job) => look(job, 0.5));
    const get = of(second.app);
    expect(await ended(get, id)).toMatchObject({ state: 'done', outcome: 'applied', counts: { done: 8, applied: 8 } });
    expect(second.strategy.sequences(stream.streamId)).toEqual([3, 4, 5, 6, 7]);
    const metrics = await harness.rows<{ value: number }>('SELECT value FROM metrics ORDER BY at');
    expect(metrics.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await expectNothingWrong();
  });

  it('is paused, resumed and cancelled, and skips what retention took meanwhile', async () => {
    await start();
    const stream = await recorded(20);
    const { app, strategy } = await worker(async (job) => {
      await delay(30);
      return look(job, 0.5);
    });
    const get = of(app);
    const store = get.get(BackfillStore);
    const { id } = await store.create(asked(stream), BY);
    await until('some to be done', async () => (await store.one(id)).counts.done >= 2);
    expect(await store.pause(id, BY)).toMatchObject({ state: 'paused' });
    await until('what is under way to end', async () => (await store.one(id)).counts.running === 0);
    const executed = strategy.executed.length;
    await delay(600); // longer than it rests between two looks
    expect(strategy.executed).toHaveLength(executed);
    await harness.rows(`UPDATE segments SET state = 'deleted' WHERE sequence IN (18, 19)`);
    await store.resume(id, BY);
    expect(await ended(get, id)).toMatchObject({ counts: { done: 18, skipped: 2 } });
    const reasons = await harness.rows(`SELECT DISTINCT reason FROM backfill_runs WHERE state = 'skipped'`);
    expect(reasons).toEqual([{ reason: 'retention' }]);
    const other = await store.create(asked(stream), BY);
    await store.cancel(other.id, BY);
    await expect(store.resume(other.id, BY)).rejects.toMatchObject({ code: 'VD_BACKFILL_STATE' });
    await store.remove(other.id, BY);
    await expect(store.one(other.id)).rejects.toMatchObject({ code: 'VD_BACKFILL_UNKNOWN' });
  });

  it('refuses what there is nothing of, and what is too much', async () => {
    await start();
    const stream = await recorded(2);
    const { app } = await worker((job) => look(job, 0.5));
    const store = app.get(BackfillStore, { strict: false });
    await expect(store.create(asked(stream, { onlyMissing: true }), BY)).rejects.toMatchObject({ code: 'VD_BACKFILL_NOTHING' });
    await expect(store.create(asked(stream, { toMs: Date.now() - 1.5 * HOUR_MS }), BY)).rejects.toMatchObject({
      code: 'VD_BACKFILL_NOTHING',
    });
  });
});
