import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunLedger, type ClaimedSegment, type HeldLane, type LaneTurn } from '../../src/core/persistence/ledger/run-ledger.js';
import { checkInvariants } from '../faults/invariants.js';
import { until } from '../support/until.js';
import { assignmentsOf } from './support/pipeline-registry.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { PipelineHarness, probed, type TestStream } from './support/pipeline-harness.js';

const GAP_AFTER_MS = 60_000;
const STATEFUL = { id: 'test.counter', queue: 'default' };
const STATELESS = { id: 'test.looker', queue: 'default', state: 'none' } as const;

describe('the order of a lane whose segments are registered out of order', () => {
  let harness: PipelineHarness;
  let runs: RunLedger;
  beforeAll(async () => {
    harness = await PipelineHarness.start({ config: { queues: { gapAfter: `${GAP_AFTER_MS}ms` } } });
    runs = harness.get(RunLedger);
  });
  afterAll(() => harness.close());

  const laneOf = ({ streamId }: TestStream) => ({ streamId, queue: 'default' });
  const enter = (stream: TestStream): Promise<LaneTurn> => look(runs.enter(laneOf(stream), 'me'));
  /** On to what there is to do, past what was ended on the way. */
  const look = async (asked: Promise<LaneTurn>): Promise<LaneTurn> => {
    const turn = await asked;
    return turn.kind === 'again' ? look(runs.advance(turn.lane, 'me')) : turn;
  };
  const settle = (work: ClaimedSegment) =>
    runs.settle(
      'me',
      work,
      work.runs.map(({ runId, attempt, analyzerId }) => ({
        runId,
        attempt,
        state: 'done',
        framesSeen: 1,
        framesExpected: 1,
        cpuMs: 1,
        results: [],
        ...(analyzerId === STATELESS.id ? {} : { checkpoint: work.segment.sequence }),
      })),
    );
  const claimed = (turn: LaneTurn): { lane: HeldLane; work: ClaimedSegment } => {
    if (turn.kind !== 'claimed') throw new Error(`Not claimed: ${turn.kind}`);
    return turn;
  };
  /** Does all there is to do. @returns the sequences, in order */
  const workOff = async (stream: TestStream): Promise<number[]> => {
    const sequences: number[] = [];
    for (let turn = await enter(stream); turn.kind === 'claimed'; turn = await look(runs.advance(turn.lane, 'me'))) {
      sequences.push(turn.work.segment.sequence);
      await settle(turn.work);
    }
    return sequences;
  };
  const isIdle = async (stream: TestStream): Promise<boolean> =>
    (await runs.idleLanes(['default'])).some(({ streamId }) => streamId === stream.streamId);
  const age = (stream: TestStream, from = 0): Promise<unknown> =>
    harness.rows(`UPDATE segments SET registered_at = registered_at - interval '1 hour' WHERE epoch_id = $1 AND sequence >= $2`, [
      stream.epochId,
      from,
    ]);
  const reasons = (stream: TestStream): Promise<{ sequence: number; analyzer_id: string; state: string; reason: string | null }[]> =>
    harness.rows('SELECT sequence, analyzer_id, state, reason FROM analysis_runs WHERE stream_id = $1 ORDER BY sequence, analyzer_id', [
      stream.streamId,
    ]);

  it('takes a segment at once when the one before it is known', async () => {
    const stream = await harness.openStream();
    await harness.register(stream, 0, 1);
    expect(await workOff(stream)).toEqual([0]);
    await harness.register(stream, 1, 2);
    expect(await workOff(stream)).toEqual([1]);
  });

  it('waits for a missing one, says for how long, is not rung for meanwhile, and takes it first when it comes', async () => {
    const stream = await harness.openStream();
    await harness.register(stream, 0, 1);
    await harness.register(stream, 2, 4);
    expect(await workOff(stream)).toEqual([0]);
    const waiting = await enter(stream);
    expect(waiting).toEqual({ kind: 'released', dueInMs: expect.any(Number) });
    const { dueInMs } = waiting as { dueInMs: number };
    expect(dueInMs).toBeGreaterThan(0);
    expect(dueInMs).toBeLessThanOrEqual(GAP_AFTER_MS);
    expect(await isIdle(stream)).toBe(false);
    await harness.register(stream, 1, 2);
    expect(await isIdle(stream)).toBe(true);
    expect(await workOff(stream)).toEqual([1, 2, 3]);
  });

  it('takes it without the missing one after that time, no sooner, and is rung for then', async () => {
    const stream = await harness.openStream();
    await harness.register(stream, 0, 1);
    expect(await workOff(stream)).toEqual([0]);
    await harness.register(stream, 3, 4);
    await harness.rows(`UPDATE segments SET registered_at = registered_at - $2::float8 * interval '1 millisecond' WHERE epoch_id = $1`, [
      stream.epochId,
      GAP_AFTER_MS - 1_000,
    ]);
    expect(await enter(stream)).toMatchObject({ kind: 'released' });
    const [{ registered_at: since } = { registered_at: new Date(Number.NaN) }] = await harness.rows<{ registered_at: Date }>(
      'SELECT registered_at FROM segments WHERE epoch_id = $1 AND sequence = 3',
      [stream.epochId],
    );
    const turn = await until('the wait to end', async () => {
      if (!(await isIdle(stream))) return null;
      return enter(stream);
    });
    const { work } = claimed(turn);
    expect(work.segment.sequence).toBe(3);
    // Its checkpoint is not of the segment before: that is how an analyzer comes to be told of the gap.
    expect(work.runs[0]?.checkpoint).toMatchObject({ epochId: stream.epochId, sequence: 0 });
    const [{ waited_ms: waitedMs } = { waited_ms: 0 }] = await harness.rows<{ waited_ms: number }>(
      'SELECT extract(epoch FROM started_at - $2::timestamptz)::float8 * 1000 AS waited_ms FROM analysis_runs WHERE stream_id = $1 AND ' +
        'sequence = 3',
      [stream.streamId, since],
    );
    expect(waitedMs).toBeGreaterThanOrEqual(GAP_AFTER_MS - 1);
    await settle(work);
    await runs.leave(claimed(turn).lane, 'me', false);
  });

  it('does not wait for what the ledger was told is missing, nor for a segment that is unreadable', async () => {
    const stream = await harness.openStream();
    await harness.ledger.recordGap({
      epochId: stream.epochId,
      afterSequence: -1,
      missingSequences: 2,
      fromPtsUs: null,
      toPtsUs: null,
      reason: 'missing-segment',
    });
    await harness.register(stream, 2, 3);
    await harness.ledger.registerSegments(
      stream.epochId,
      [probed(stream, 3, { state: 'unreadable', error: 'VD_MEDIA_EMPTY: nothing in it' })],
      assignmentsOf(),
    );
    await harness.register(stream, 4, 5);
    // A gap of time names no sequence; one of other sequences names others.
    await harness.ledger.recordGap({
      epochId: stream.epochId,
      afterSequence: 4,
      missingSequences: 0,
      fromPtsUs: null,
      toPtsUs: null,
      reason: 'missing-frames',
    });
    await harness.ledger.recordGap({
      epochId: stream.epochId,
      afterSequence: 5,
      missingSequences: 1,
      fromPtsUs: null,
      toPtsUs: null,
      reason: 'missing-segment',
    });
    await harness.register(stream, 6, 7);
    expect(await workOff(stream)).toEqual([2, 4]);
    await harness.ledger.recordGap({
      epochId: stream.epochId,
      afterSequence: 4,
      missingSequences: 1,
      fromPtsUs: null,
      toPtsUs: null,
      reason: 'missing-segment',
    });
    expect(await workOff(stream)).toEqual([6]);
  });

  it('counts from when the first segment beyond the hole was known, so that holes and late comers do not add up', async () => {
    const stream = await harness.openStream();
    await harness.register(stream, 9, 10);
    await age(stream);
    expect(await workOff(stream)).toEqual([9]);
    // 5 comes with 4 missing, long after 9 came: nobody would be helped by a wait, and those behind it are live.
    await harness.register(stream, 5, 6, assignmentsOf([STATELESS]));
    await harness.register(stream, 10, 11);
    expect(await workOff(stream)).toEqual([5, 10]);
  });

  it('waits in an epoch that has closed too, and keeps the next epoch behind it', async () => {
    const stream = await harness.openStream();
    await harness.register(stream, 0, 1);
    await harness.register(stream, 2, 3);
    await harness.ledger.closeEpoch(stream.epochId, 'ended');
    const next = { ...stream, epochId: randomUUID() };
    await harness.ledger.openEpoch({ streamId: stream.streamId, epochId: next.epochId, startedAtMs: 1, ingestId: 'test' });
    await harness.register(next, 0, 1);
    expect(await workOff(stream)).toEqual([0]);
    await age(stream);
    expect(await workOff(stream)).toEqual([2, 0]);
  });

  it('has a late one analysed by what keeps no state, and skipped by what would have to go back', async () => {
    const stream = await harness.openStream();
    const routes = assignmentsOf([STATEFUL, STATELESS]);
    await harness.register(stream, 0, 1, routes);
    await harness.register(stream, 2, 3, routes);
    await age(stream);
    expect(await workOff(stream)).toEqual([0, 2]);
    await harness.register(stream, 1, 2, routes);
    expect(await workOff(stream)).toEqual([1]);
    expect(await reasons(stream)).toEqual([
      { sequence: 0, analyzer_id: STATEFUL.id, state: 'done', reason: null },
      { sequence: 0, analyzer_id: STATELESS.id, state: 'done', reason: null },
      { sequence: 1, analyzer_id: STATEFUL.id, state: 'skipped', reason: 'late' },
      { sequence: 1, analyzer_id: STATELESS.id, state: 'done', reason: null },
      { sequence: 2, analyzer_id: STATEFUL.id, state: 'done', reason: null },
      { sequence: 2, analyzer_id: STATELESS.id, state: 'done', reason: null },
    ]);
    // And where nothing else wants it, the lane goes on to what is next.
    await harness.ledger.registerSegments(stream.epochId, [probed(stream, 5)], assignmentsOf());
    await age(stream);
    expect(await workOff(stream)).toEqual([5]);
    await harness.register(stream, 3, 5);
    await harness.register(stream, 6, 7);
    expect(await workOff(stream)).toEqual([6]);
    expect((await reasons(stream)).filter(({ reason }) => reason === 'late').map(({ sequence }) => sequence)).toEqual([1, 3, 4]);
    expect(
      (await harness.rows<{ sequence: number }>('SELECT sequence FROM analyzer_checkpoints WHERE stream_id = $1', [stream.streamId]))[0]
        ?.sequence,
    ).toBe(6);
    expect((await checkInvariants(harness.database.url)).filter(({ invariant }) => ['I1', 'I3', 'I8'].includes(invariant))).toEqual([]);
  });

  it('skips what comes of an earlier epoch when the analyzer is in a later one', async () => {
    const stream = await harness.openStream();
    const next = { ...stream, epochId: randomUUID() };
    await harness.ledger.openEpoch({ streamId: stream.streamId, epochId: next.epochId, startedAtMs: 1, ingestId: 'other' });
    await harness.register(next, 0, 2);
    expect(await workOff(stream)).toEqual([0, 1]);
    await harness.register(stream, 0, 3);
    await harness.register(next, 2, 3);
    expect(await workOff(stream)).toEqual([2]);
    expect((await reasons(stream)).filter(({ reason }) => reason === 'late')).toHaveLength(3);
    const [last] = await harness.rows<{ epoch_id: string; sequence: number }>(
      'SELECT epoch_id, sequence FROM analyzer_checkpoints WHERE stream_id = $1',
      [stream.streamId],
    );
    expect(last).toEqual({ epoch_id: next.epochId, sequence: 2 });
  });
});

describe(checkInvariants.name, () => {
  it('finds an analyzer that went back, and a run that is called late for no reason', async () => {
    const harness = await PipelineHarness.start();
    const stream = await harness.openStream();
    await harness.register(stream, 0, 3);
    await harness.rows(
      `UPDATE analysis_runs SET state = 'done', result_count = 0, finished_at = now() - sequence * interval '1 second' WHERE sequence < 2`,
    );
    await harness.rows(`UPDATE analysis_runs SET state = 'skipped', reason = 'late', finished_at = now() WHERE sequence = 2`);
    await harness.rows(
      `INSERT INTO analyzer_checkpoints (stream_id, analyzer_id, config_hash, epoch_id, sequence, data)
        SELECT stream_id, analyzer_id, config_hash, epoch_id, 0, '1' FROM analysis_runs WHERE sequence = 0`,
    );
    const found = (await checkInvariants(harness.database.url)).filter(({ invariant }) => invariant === 'I3');
    expect(found.map(({ what }) => what)).toEqual([
      'an analyzer that keeps state went back',
      'a run is called late although its analyzer was not past it',
    ]);
    await harness.close();
  });
});

describe('a worker and segments that come out of order', () => {
  let harness: PipelineHarness;
  let strategy: FakeStrategy;
  beforeAll(async () => {
    // The reconciler is too slow to be what wakes the lane.
    harness = await PipelineHarness.start({ config: { queues: { gapAfter: '1s', reconcileInterval: '1h' } } });
    strategy = new FakeStrategy((job) => job.tasks.map((task) => done(task, [sequenceMetric(job)], { checkpoint: job.segment.sequence })));
    await harness.worker(strategy);
  });
  afterAll(() => harness.close());

  it('goes on by itself when the wait is over', async () => {
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 1);
    await harness.registerAndRing(stream, 2, 3);
    await harness.registerAndRing(stream, 3, 4);
    await until('three segments', () => strategy.sequences(stream.streamId).length === 3);
    expect(strategy.sequences(stream.streamId)).toEqual([0, 2, 3]);
    expect(
      strategy.executed.find(({ segment }) => segment.streamId === stream.streamId && segment.sequence === 2)?.tasks[0]?.checkpoint
        ?.sequence,
    ).toBe(0);
    await harness.registerAndRing(stream, 1, 2);
    await until('the late one on record', async () => (await harness.states())['skipped(late)'] === 1);
    expect(strategy.sequences(stream.streamId)).toEqual([0, 2, 3]);
  });

  it('waits quietly: a lane that only waits is entered as often as it was rung for, and once when the wait is over', async () => {
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 1, 3);
    await until('both segments', () => strategy.sequences(stream.streamId).length === 2);
    await until(
      'the lane to be let go',
      async () => (await harness.rows('SELECT 1 FROM lanes WHERE stream_id = $1 AND owner IS NULL', [stream.streamId])).length === 1,
    );
    await delay(200);
    const [lane] = await harness.rows<{ fence: string }>('SELECT fence FROM lanes WHERE stream_id = $1', [stream.streamId]);
    // Rung twice; each time that waits leaves a ring for when the wait is over.
    expect(Number(lane?.fence)).toBeLessThanOrEqual(6);
  });
});
