import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { HOUR_MS, type AnalysisJob, type TaskOutcome } from '../../src/core/plugin-api/index.js';
import { checkInvariants } from '../faults/invariants.js';
import { until } from '../support/until.js';
import { assignmentsOf, type NamedAnalyzer, pipelineRegistry } from './support/pipeline-registry.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { MortalLedger } from './support/mortal-ledger.js';
import { PipelineHarness, type TestStream } from './support/pipeline-harness.js';

const WORKERS = 3;
const STREAMS = 4;
const EPOCHS = 2;
const SEGMENTS = 20;
/** How far segments are out of order. */
const WINDOW = 4;
const COUNTER: NamedAnalyzer = { id: 'test.counter', queue: 'default' };
const LOOKER: NamedAnalyzer = { id: 'test.looker', queue: 'default', state: 'none' };
const ANALYZERS = [COUNTER, LOOKER];

type Random = () => number;

/** mulberry32. */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(random: Random, items: readonly number[]): number[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as number);
}

interface Row {
  stream_id: string;
  ordinal: number;
  sequence: number;
  analyzer_id: string;
  state: string;
  reason: string | null;
  begun_us: string;
  ended_us: string;
  before: number | null;
  results: number;
}

describe('order and state over many workers', () => {
  let harness: PipelineHarness;
  afterEach(() => harness.close());

  /** Takes its time, fails now and then, and counts its segments in its checkpoint. */
  const behaviour =
    (random: Random) =>
    async (job: AnalysisJob): Promise<TaskOutcome[]> => {
      await delay(random() * 12);
      return job.tasks.map((task) => {
        if (random() < 0.04) return { runId: task.runId, status: 'failed', code: 'VD_TEST_BROKEN', message: 'as told', retryable: true };
        if (task.analyzerId === LOOKER.id) return done(task, [sequenceMetric(job)]);
        const before = typeof task.checkpoint?.data === 'number' ? task.checkpoint.data : 0;
        return done(
          task,
          [sequenceMetric(job), { type: 'metric', ptsUs: job.segment.ptsStartUs, name: 'before', unit: '1', value: before }],
          { checkpoint: before + 1 },
        );
      });
    };

  /** Registers the epochs of one stream as a slow network share would: out of order within a window, some not at all. */
  const publish = async (stream: TestStream, random: Random): Promise<() => Promise<void>> => {
    const withheld: { epoch: TestStream; sequence: number }[] = [];
    for (let ordinal = 0; ordinal < EPOCHS; ordinal++) {
      const epoch = ordinal === 0 ? stream : { ...stream, epochId: randomUUID() };
      await harness.ledger.openEpoch({
        streamId: stream.streamId,
        epochId: epoch.epochId,
        startedAtMs: Date.now() + ordinal * HOUR_MS,
        ingestId: 'test',
      });
      // One at least comes after it: only then can it be late.
      const missing = Math.floor(random() * (SEGMENTS - 1));
      for (let from = 0; from < SEGMENTS; from += WINDOW) {
        for (const sequence of shuffled(
          random,
          Array.from({ length: Math.min(WINDOW, SEGMENTS - from) }, (_, index) => from + index),
        )) {
          if (sequence === missing) {
            withheld.push({ epoch, sequence });
            continue;
          }
          await delay(random() * 20);
          const jobs = await harness.register(epoch, sequence, sequence + 1, assignmentsOf(ANALYZERS));
          if (random() < 0.9) await harness.bell.ring(jobs);
        }
      }
      if (random() < 0.5) await harness.ledger.closeEpoch(epoch.epochId, 'ended');
    }
    return async () => {
      for (const { epoch, sequence } of withheld) await harness.registerAndRing(epoch, sequence, sequence + 1, assignmentsOf(ANALYZERS));
    };
  };

  /** Keeps so many workers running, of which one dies or is stopped every now and then. */
  const comeAndGo = async (random: Random, strategies: FakeStrategy[], isOver: () => boolean): Promise<void> => {
    const startOne = async (): Promise<{ app: INestApplicationContext; mortal: MortalLedger }> => {
      const strategy = new FakeStrategy(behaviour(random));
      strategies.push(strategy);
      const app = await harness.worker(strategy, pipelineRegistry(strategy, ANALYZERS));
      return { app, mortal: MortalLedger.of(app) };
    };
    const workers = [];
    for (let count = 0; count < WORKERS; count++) workers.push(await startOne());
    const gone: Promise<void>[] = [];
    while (!isOver()) {
      await delay(200 + random() * 400);
      const [leaving] = workers.splice(Math.floor(random() * workers.length), 1);
      if (leaving === undefined) break;
      const how = random();
      if (how < 0.3) leaving.mortal.kill();
      else if (how < 0.6) leaving.mortal.killAfter('settle');
      else if (how < 0.75) leaving.mortal.killAfter('advance');
      else if (how < 0.85) leaving.mortal.killAfter('enter');
      gone.push(delay(how < 0.85 ? 300 : 0).then(() => harness.stopWorker(leaving.app)));
      workers.push(await startOne());
    }
    await Promise.all(gone);
  };

  const expectOrder = (rows: readonly Row[]): void => {
    const counted = rows.filter(({ analyzer_id, state }) => analyzer_id === COUNTER.id && state === 'done');
    for (const streamId of new Set(rows.map(({ stream_id }) => stream_id))) {
      const history = counted.filter(({ stream_id }) => stream_id === streamId).sort((a, b) => Number(a.ended_us) - Number(b.ended_us));
      for (const [index, row] of history.entries()) {
        const last = history[index - 1];
        if (last === undefined) continue;
        expect(row.ordinal * 1_000 + row.sequence).toBeGreaterThan(last.ordinal * 1_000 + last.sequence);
        expect(Number(row.begun_us)).toBeGreaterThanOrEqual(Number(last.ended_us));
      }
      for (const ordinal of Array.from({ length: EPOCHS }, (_, index) => index)) {
        const epoch = history.filter((row) => row.ordinal === ordinal);
        expect(epoch.map(({ before }) => before)).toEqual(epoch.map((_, index) => index));
        expect(epoch).toHaveLength(SEGMENTS - 1);
      }
    }
  };

  // The last one is another every time; to have it again, put its number in the place of another.
  it.each([7, 1_234, randomInt(2 ** 31)])('holds while workers come and go, seed %i', async (seed) => {
    harness = await PipelineHarness.start({
      config: {
        queues: {
          gapAfter: '2500ms',
          lease: '500ms',
          reconcileInterval: '250ms',
          lockDuration: '1s',
          stalledInterval: '500ms',
          attempts: 20,
          backoff: '10ms',
        },
      },
    });
    const random = randomOf(seed);
    const streams: TestStream[] = [];
    for (let count = 0; count < STREAMS; count++) streams.push(await harness.openStream());
    const strategies: FakeStrategy[] = [];
    let isOver = false;
    const workers = comeAndGo(random, strategies, () => isOver);
    const ended = (count: number): Promise<unknown> =>
      until(
        `${count} runs ended`,
        async () => {
          const states = await harness.states();
          return (
            (states['queued'] ?? 0) + (states['running'] ?? 0) === 0 && Object.values(states).reduce((sum, runs) => sum + runs, 0) === count
          );
        },
        30_000,
      );
    try {
      const latecomers = await Promise.all(streams.map((stream) => publish(stream, random)));
      await ended(STREAMS * EPOCHS * (SEGMENTS - 1) * 2);
      expect(await harness.states()).toEqual({ done: STREAMS * EPOCHS * (SEGMENTS - 1) * 2 });
      for (const come of latecomers) await come();
      await ended(STREAMS * EPOCHS * SEGMENTS * 2);
    } finally {
      isOver = true;
      await workers;
    }

    // Nothing lost, nothing twice: what came late is on record as that for what keeps state, and analysed by what keeps none.
    expect(await harness.states()).toEqual({ done: STREAMS * EPOCHS * (SEGMENTS * 2 - 1), 'skipped(late)': STREAMS * EPOCHS });
    const rows = await harness.rows<Row>(`
      SELECT r.stream_id, r.epoch_ordinal AS ordinal, r.sequence, r.analyzer_id, r.state, r.reason, m.before, m.results,
        (extract(epoch FROM r.started_at) * 1000000)::bigint::text AS begun_us, (extract(epoch
          FROM r.finished_at) * 1000000)::bigint::text AS ended_us
      FROM analysis_runs r CROSS JOIN LATERAL (
        SELECT max(value) FILTER (WHERE name = 'before') AS before, count(*) FILTER (WHERE name = 'sequence'
          AND value = r.sequence)::int AS results FROM metrics WHERE run_id = r.id) m`);
    expect(rows.filter(({ state }) => state === 'skipped').every(({ analyzer_id }) => analyzer_id === COUNTER.id)).toBe(true);
    expect(rows.filter(({ state, results }) => results !== (state === 'done' ? 1 : 0))).toEqual([]);
    expectOrder(rows);
    expect(strategies.flatMap(({ overlaps }) => overlaps)).toEqual([]);
    // Not one attempt, lost ones included, was given a state from beyond its segment or of another epoch.
    const given = strategies.flatMap(({ executed }) =>
      executed.flatMap(({ segment, tasks }) =>
        tasks.flatMap(({ checkpoint }) => (checkpoint === undefined ? [] : [{ segment, checkpoint }])),
      ),
    );
    expect(
      given.filter(({ segment, checkpoint }) => checkpoint.epochId !== segment.epochId || checkpoint.sequence >= segment.sequence),
    ).toEqual([]);
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  });
});
