import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IngestLedger } from '../../src/core/persistence/ledger/ingest-ledger.js';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { checkInvariants } from '../faults/invariants.js';
import { assignmentsOf } from './support/pipeline-registry.js';
import { PipelineHarness, probed } from './support/pipeline-harness.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start();
});
afterAll(() => harness.close());

describe(IngestLedger.name, () => {
  it('registers a segment, its runs and its news once, however often and however concurrently it is asked to', async () => {
    const stream = await harness.openStream();
    const segments = [probed(stream, 0), probed(stream, 1), probed(stream, 2)];
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => harness.ledger.registerSegments(stream.epochId, segments, assignmentsOf())),
    );
    // One ring for the lane: who comes for it finds all three.
    expect(answers.flat().map(({ sequence }) => sequence)).toEqual([0]);
    expect(await harness.ledger.registerSegments(stream.epochId, segments, assignmentsOf())).toEqual([]);
    expect(await harness.ledger.registeredSequences(stream.epochId)).toEqual([0, 1, 2]);
    expect((await harness.feedOf(stream.streamId)).filter((kind) => kind === 'segment.ready')).toHaveLength(3);
    expect(
      await harness.rows('SELECT state, count(*)::int AS count FROM analysis_runs WHERE stream_id = $1 GROUP BY 1', [stream.streamId]),
    ).toEqual([{ state: 'queued', count: 3 }]);
  });

  it('has each lane rung for once until somebody comes, whatever the number of segments and analyzers', async () => {
    const runs = harness.get(RunLedger);
    const stream = await harness.openStream();
    const assignments = assignmentsOf([
      { id: 'a', queue: 'default' },
      { id: 'b', queue: 'default' },
      { id: 'c', queue: 'visual_analysis' },
    ]);
    const register = async (...sequences: number[]): Promise<[number, string][]> => {
      const segments = sequences.map((sequence) => probed(stream, sequence));
      const jobs = await harness.ledger.registerSegments(stream.epochId, segments, assignments);
      return jobs.map(({ sequence, queue }) => [sequence, queue]);
    };
    const first = await harness.ledger.registerSegments(stream.epochId, [probed(stream, 0), probed(stream, 1)], assignments);
    expect(first.map(({ sequence, queue }) => [sequence, queue])).toEqual([
      [0, 'default'],
      [0, 'visual_analysis'],
    ]);
    expect(first[0]).toMatchObject({ streamId: stream.streamId, epochId: stream.epochId, segmentId: expect.stringMatching(/^\d+$/) });
    expect(await register(2)).toEqual([]);

    // While it is held its holder is told; once it is free and nobody is on the way, the next one rings again.
    const turn = await runs.enter({ streamId: stream.streamId, queue: 'default' }, 'me');
    if (turn.kind !== 'claimed') throw new Error(`Not claimed: ${turn.kind}`);
    expect(await register(3)).toEqual([]);
    await runs.leave(turn.lane, 'me', true);
    expect(await register(4)).toEqual([]);
    const again = await runs.enter({ streamId: stream.streamId, queue: 'default' }, 'me');
    if (again.kind !== 'claimed') throw new Error(`Not claimed: ${again.kind}`);
    await runs.leave(again.lane, 'me', false);
    expect(await register(5)).toEqual([[5, 'default']]);
  });

  it('has a lane rung for once whose holder is gone, and tells a living one before it lets go', async () => {
    const runs = harness.get(RunLedger);
    const stream = await harness.openStream();
    const lane = { streamId: stream.streamId, queue: 'default' };
    const register = (sequence: number) => harness.ledger.registerSegments(stream.epochId, [probed(stream, sequence)], assignmentsOf());
    await register(0);
    const turn = await runs.enter(lane, 'me');
    if (turn.kind !== 'claimed') throw new Error(`Not claimed: ${turn.kind}`);
    expect(await register(1)).toEqual([]);
    await harness.rows(`UPDATE analysis_runs SET state = 'done', result_count = 0, finished_at = now() WHERE stream_id = $1`, [
      stream.streamId,
    ]);
    expect(await runs.advance(turn.lane, 'me')).toMatchObject({ kind: 'again' });
    const lapse = () => harness.rows(`UPDATE lanes SET lease_until = now() - interval '1 second' WHERE stream_id = $1`, [stream.streamId]);
    await lapse();
    expect((await register(2)).map(({ sequence }) => sequence)).toEqual([2]);
    expect(await register(3)).toEqual([]);
    // Not gone after all, and then gone indeed.
    expect(await runs.renew('me', [turn.lane])).toEqual([turn.lane]);
    expect(await register(4)).toEqual([]);
    await lapse();
    expect((await register(5)).map(({ sequence }) => sequence)).toEqual([5]);
    expect(await register(6)).toEqual([]);
    expect((await runs.idleLanes(['default'])).map(({ streamId }) => streamId)).toContain(stream.streamId);
    expect(await runs.enter(lane, 'another')).toMatchObject({ kind: 'claimed' });
  });

  it('takes segments of many epochs at once, each with its own runs, and refuses those of an epoch that is not there', async () => {
    const streams = await Promise.all(Array.from({ length: 8 }, () => harness.openStream()));
    const nobody = { streamId: randomUUID(), name: 'x', epochId: randomUUID() };
    const assignments = (index: number) => assignmentsOf([{ id: `only.${index}`, queue: 'default' }]);
    const [refused, ...answers] = await Promise.allSettled(
      [nobody, ...streams].map((stream, index) => harness.ledger.registerSegments(stream.epochId, [probed(stream, 0)], assignments(index))),
    );
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'VD_EPOCH_NOT_FOUND' } });
    expect(answers).toEqual(
      streams.map(({ streamId, epochId }) => ({
        status: 'fulfilled',
        value: [{ streamId, epochId, sequence: 0, queue: 'default', segmentId: expect.any(String) }],
      })),
    );
    const rows = await harness.rows<{ stream_id: string; analyzer_id: string }>(
      `SELECT stream_id, analyzer_id FROM analysis_runs WHERE analyzer_id LIKE 'only.%' ORDER BY analyzer_id`,
    );
    expect(rows).toEqual(streams.map(({ streamId }, index) => ({ stream_id: streamId, analyzer_id: `only.${index + 1}` })));
  });

  it('fails the runs of an unreadable segment at once, with the reason', async () => {
    const stream = await harness.openStream();
    const broken = probed(stream, 0, {
      state: 'unreadable',
      error: 'VD_MEDIA_EMPTY: nothing in it',
      ptsStartUs: 0,
      ptsEndUs: 0,
      frameCount: 0,
      keyframePtsUs: [],
    });
    expect(await harness.ledger.registerSegments(stream.epochId, [broken], assignmentsOf())).toEqual([]);
    expect(await harness.rows('SELECT state, reason, error_code FROM analysis_runs WHERE stream_id = $1', [stream.streamId])).toEqual([
      { state: 'failed', reason: 'unreadable', error_code: 'VD_MEDIA_EMPTY' },
    ]);
    expect((await harness.feedOf(stream.streamId)).slice(-2)).toEqual(['segment.ready', 'run.finished']);
  });

  it('moves the end of a segment to where the next one begins, and never before its own beginning', async () => {
    const stream = await harness.openStream();
    await harness.ledger.registerSegments(stream.epochId, [probed(stream, 0, { ptsStartUs: 1_000_000, ptsEndUs: 1_000_000 })], []);
    const end = async (): Promise<unknown[]> =>
      harness.rows('SELECT pts_end_us::int AS end FROM segments WHERE epoch_id = $1', [stream.epochId]);
    await harness.ledger.moveSegmentEnd(stream.epochId, 0, 3_000_000);
    await harness.ledger.moveSegmentEnd(stream.epochId, 0, 3_000_000);
    expect(await end()).toEqual([{ end: 3_000_000 }]);
    await harness.ledger.moveSegmentEnd(stream.epochId, 0, 900_000);
    expect(await end()).toEqual([{ end: 3_000_000 }]);
  });

  it('derives the wall clock of media from the start of its epoch, to the microsecond', async () => {
    const stream = await harness.streams.create({ name: `s${randomUUID().slice(0, 8)}`, title: 'x', adapterId: 'test' });
    const epochId = randomUUID();
    await harness.ledger.openEpoch({ streamId: stream.id, epochId, startedAtMs: 1_700_000_000_123, ingestId: 'test' });
    await harness.ledger.setEpochMedia(epochId, {
      videoCodec: 'h264',
      audioCodec: 'aac',
      widthPx: 640,
      heightPx: 360,
      ptsOriginUs: 1_400_000,
    });
    await harness.ledger.registerSegments(
      epochId,
      [probed({ streamId: stream.id, name: 'x', epochId }, 0, { ptsStartUs: 1_433_333, ptsEndUs: 3_400_000 })],
      [],
    );
    expect(await harness.rows(`SELECT extract(epoch FROM at)::text AS at FROM segments WHERE epoch_id = $1`, [epochId])).toEqual([
      { at: '1700000000.156333' },
    ]);
    expect(await harness.ledger.epoch(epochId)).toEqual({
      epochId,
      streamId: stream.id,
      ordinal: 0,
      startedAtMs: 1_700_000_000_123,
      state: 'open',
      ingestId: 'test',
      ptsOriginUs: 1_400_000,
      lastSequence: 0,
      lastPtsEndUs: 3_400_000,
    });
  });

  it('numbers the epochs of a stream without a hole although they are opened at once, and opens each once', async () => {
    const stream = await harness.streams.create({ name: `s${randomUUID().slice(0, 8)}`, title: 'x', adapterId: 'test' });
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const open = (epochId: string) =>
      harness.ledger.openEpoch({ streamId: stream.id, epochId, startedAtMs: 1, ingestId: `ingest-${stream.id}` });
    const opened = await Promise.all([...ids, ...ids].map(open));
    expect([...new Set(opened.map(({ ordinal }) => ordinal))].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await harness.ledger.openEpochs(`ingest-${stream.id}`)).toHaveLength(8);
    await harness.ledger.closeEpoch(ids[0] as string, 'publisher left');
    await harness.ledger.closeEpoch(ids[0] as string, 'again');
    expect(await harness.ledger.openEpochs(`ingest-${stream.id}`)).toHaveLength(7);
    expect((await harness.feedOf(stream.id)).filter((kind) => kind === 'epoch.closed')).toHaveLength(1);
    expect(await harness.rows('SELECT end_reason FROM epochs WHERE id = $1', [ids[0]])).toEqual([{ end_reason: 'publisher left' }]);
  });

  it('keeps a gap once, and with it the missing numbers are accounted for', async () => {
    const stream = await harness.openStream();
    await harness.ledger.registerSegments(stream.epochId, [probed(stream, 0), probed(stream, 3)], []);
    const missing = (await checkInvariants(harness.database.url)).filter(({ invariant }) => invariant === 'I4');
    expect(missing).toHaveLength(1);
    const gap = {
      epochId: stream.epochId,
      afterSequence: 0,
      missingSequences: 2,
      fromPtsUs: 2_000_000,
      toPtsUs: 6_000_000,
      reason: 'missing-segment',
    };
    await Promise.all([harness.ledger.recordGap(gap), harness.ledger.recordGap(gap)]);
    expect(await harness.rows('SELECT missing_sequences FROM gaps WHERE epoch_id = $1', [stream.epochId])).toEqual([
      { missing_sequences: 2 },
    ]);
    expect((await checkInvariants(harness.database.url)).filter(({ invariant }) => invariant === 'I4')).toEqual([]);
  });

  it('takes the sum so far of what is lost, whatever it is told twice, and never a gap of negative length', async () => {
    const stream = await harness.openStream();
    const gap = { epochId: stream.epochId, afterSequence: 3, missingSequences: 0, reason: 'damaged' };
    const { ledger } = harness;
    await ledger.recordGap({ ...gap, fromPtsUs: 5_000, toPtsUs: 6_000, videoFrames: 2, audioFrames: 0 });
    await ledger.recordGap({ ...gap, fromPtsUs: 5_000, toPtsUs: 9_000, videoFrames: 5, audioFrames: 1 });
    await ledger.recordGap({ ...gap, fromPtsUs: 5_000, toPtsUs: 9_000, videoFrames: 5, audioFrames: 1 });
    await ledger.recordGap({ ...gap, reason: 'crash', fromPtsUs: 9_000, toPtsUs: 4_000 });
    await ledger.recordGap({ ...gap, afterSequence: 4, fromPtsUs: null, toPtsUs: null, videoFrames: 7, audioFrames: null });
    await ledger.recordGap({ ...gap, afterSequence: 4, fromPtsUs: null, toPtsUs: null, videoFrames: null, audioFrames: 3 });
    const sql = `SELECT after_sequence AS after, reason, video_frames AS video, audio_frames AS audio, from_pts_us::int AS from_us,
      to_pts_us::int AS to_us FROM gaps WHERE epoch_id = $1 ORDER BY after_sequence, reason`;
    expect(await harness.rows(sql, [stream.epochId])).toEqual([
      { after: 3, reason: 'crash', video: null, audio: null, from_us: 9_000, to_us: 9_000 },
      { after: 3, reason: 'damaged', video: 5, audio: 1, from_us: 5_000, to_us: 9_000 },
      { after: 4, reason: 'damaged', video: null, audio: null, from_us: null, to_us: null },
    ]);
  });

  it('adds what is lost after the end to the last epoch, or the one that is named', async () => {
    const stream = await harness.openStream();
    await harness.ledger.registerSegments(stream.epochId, [{ ...probed(stream, 0), audioFrameCount: 87 }], []);
    const loss = { reason: 'no-keyframe', videoFrames: 4, audioFrames: 1 } as const;
    expect(await harness.ledger.addLoss({ streamId: stream.streamId }, loss)).toBe(true);
    expect(await harness.ledger.addLoss({ streamId: stream.streamId, epochId: stream.epochId }, loss)).toBe(true);
    expect(await harness.ledger.addLoss({ streamId: randomUUID() }, loss)).toBe(false);
    const sql = `SELECT g.after_sequence AS after, video_frames AS video, audio_frames AS audio, audio_frame_count AS stored FROM gaps g
      JOIN segments s ON s.epoch_id = g.epoch_id WHERE g.epoch_id = $1`;
    expect(await harness.rows(sql, [stream.epochId])).toEqual([{ after: 0, video: 8, audio: 2, stored: 87 }]);
  });

  it('refuses segments of an epoch and epochs of a stream that do not exist', async () => {
    const nobody = { streamId: randomUUID(), name: 'x', epochId: randomUUID() };
    await expect(harness.ledger.registerSegments(nobody.epochId, [probed(nobody, 0)], assignmentsOf())).rejects.toMatchObject({
      code: 'VD_EPOCH_NOT_FOUND',
    });
    await expect(harness.ledger.openEpoch({ ...nobody, startedAtMs: 1, ingestId: 'x' })).rejects.toMatchObject({
      code: 'VD_STREAM_NOT_FOUND',
    });
  });
});

describe(RunLedger.name, () => {
  const key = async () => {
    const stream = await harness.openStream();
    await harness.register(stream, 0, 3);
    return { streamId: stream.streamId, queue: 'default' };
  };

  it('has one holder of a lane at a time, who learns that somebody rang before it lets go', async () => {
    const runs = harness.get(RunLedger);
    const lane = await key();
    const turns = await Promise.all(['a', 'b', 'c', 'd'].map(async (owner) => ({ owner, turn: await runs.enter(lane, owner) })));
    const [holder, ...more] = turns.filter(({ turn }) => turn.kind === 'claimed');
    expect(more).toEqual([]);
    expect(turns.filter(({ turn }) => turn.kind === 'held')).toHaveLength(3);
    if (holder?.turn.kind !== 'claimed') throw new Error('Nobody holds the lane');
    const held = holder.turn.lane;
    await harness.rows(`UPDATE analysis_runs SET state = 'done', finished_at = now(), result_count = 0 WHERE stream_id = $1`, [
      lane.streamId,
    ]);
    expect(await runs.advance(held, holder.owner)).toEqual({ kind: 'again', lane: held });
    expect(await runs.advance(held, holder.owner)).toEqual({ kind: 'released', dueInMs: null });
    expect(await runs.advance(held, holder.owner)).toEqual({ kind: 'lost' });
  });

  it('takes a lane again that its own earlier visit did not let go, and fences that visit out', async () => {
    const runs = harness.get(RunLedger);
    const lane = await key();
    const first = await runs.enter(lane, 'me');
    const second = await runs.enter(lane, 'me');
    if (first.kind !== 'claimed' || second.kind !== 'claimed') throw new Error('Not claimed');
    expect(second.work.runs[0]).toMatchObject({ runId: first.work.runs[0]?.runId, attempt: 2 });
    expect(await runs.renew('me', [first.lane, second.lane])).toEqual([second.lane]);
    expect(await runs.advance(first.lane, 'me')).toEqual({ kind: 'lost' });
    const late = {
      runId: first.work.runs[0]?.runId ?? '',
      attempt: 1,
      state: 'done',
      framesSeen: 1,
      framesExpected: 1,
      cpuMs: 1,
      results: [],
    } as const;
    expect(await runs.settle('me', first.work, [late])).toEqual(new Map());
    await runs.leave(second.lane, 'me', false);
    expect((await runs.idleLanes(['default'])).filter(({ streamId }) => streamId === lane.streamId)).toEqual([
      { ...lane, segmentId: first.work.segmentId },
    ]);
  });

  it('enters, settles and goes on with many lanes at once, each as if it were alone, one refused among them', async () => {
    const runs = harness.get(RunLedger);
    const lanes = await Promise.all(Array.from({ length: 12 }, key));
    // The last is of a stream that is not there.
    const asked = [...lanes, { streamId: randomUUID(), queue: 'default' }];
    const entered = await Promise.allSettled(asked.map((lane) => runs.enter(lane, 'me')));
    expect(entered.at(-1)?.status).toBe('rejected');
    const works = entered.slice(0, -1).map((turn) => {
      if (turn.status !== 'fulfilled' || turn.value.kind !== 'claimed') throw new Error('Not claimed', { cause: turn });
      return turn.value;
    });
    expect(works.map(({ lane: { streamId, queue } }) => ({ streamId, queue }))).toEqual(lanes);
    const settled = await Promise.allSettled(
      works.map(({ work }, index) =>
        runs.settle(
          'me',
          work,
          work.runs.map(({ runId, attempt }) => ({
            ...{ runId, attempt: index === 3 ? attempt + 1 : attempt, state: 'done', framesSeen: 1, framesExpected: 1 },
            // More than the column takes: PostgreSQL refuses the statement that it is in.
            cpuMs: index === 5 ? 1e300 : 1,
            results: [{ type: 'metric', ptsUs: work.segment.ptsStartUs, name: 'lane', unit: '1', value: index }],
            checkpoint: index,
          })),
        ),
      ),
    );
    expect(settled.map(({ status }, index) => [index, status])).toEqual(
      works.map((_, index) => [index, index === 5 ? 'rejected' : 'fulfilled']),
    );
    // The one of another attempt was fenced out, and its results with it.
    expect(settled[3]).toEqual({ status: 'fulfilled', value: new Map() });
    const kept = await harness.rows<{ value: number }>(`SELECT value FROM metrics WHERE name = 'lane' ORDER BY value`);
    expect(kept.map(({ value }) => value)).toEqual([0, 1, 2, 4, 6, 7, 8, 9, 10, 11]);
    const next = await Promise.all(works.map(({ lane }) => runs.advance(lane, 'me')));
    expect(
      next.map((turn) => (turn.kind === 'claimed' ? [turn.work.segment.sequence, turn.work.runs[0]?.checkpoint?.data] : turn.kind)),
    ).toEqual(works.map((_, index) => ([3, 5].includes(index) ? [0, undefined] : [1, index])));
    await Promise.all(works.map(({ lane }) => runs.leave(lane, 'me', false)));
  });

  it('says when the next run of a lane is due, and offers it no sooner', async () => {
    const runs = harness.get(RunLedger);
    const lane = await key();
    const turn = await runs.enter(lane, 'me');
    if (turn.kind !== 'claimed') throw new Error('Not claimed');
    const [run] = turn.work.runs;
    if (run === undefined) throw new Error('No run');
    await runs.settle('me', turn.work, [
      { runId: run.runId, attempt: run.attempt, state: 'failed', code: 'VD_X', message: 'a\0b', retryInMs: 60_000 },
    ]);
    const next = await runs.advance(turn.lane, 'me');
    expect(next).toEqual({ kind: 'released', dueInMs: expect.any(Number) });
    expect((next as { dueInMs: number }).dueInMs).toBeGreaterThan(50_000);
    expect((await runs.idleLanes(null)).filter(({ streamId }) => streamId === lane.streamId)).toEqual([]);
    expect(await harness.rows('SELECT state, error_message FROM analysis_runs WHERE id = $1', [run.runId])).toEqual([
      { state: 'queued', error_message: 'ab' },
    ]);
  });
});
