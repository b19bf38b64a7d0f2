import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEED_CHANNEL } from '../../src/core/persistence/notify/feed-bell.js';
import { FeedRetention } from '../../src/core/persistence/feed-retention.js';
import { IngestLedger } from '../../src/core/persistence/ledger/ingest-ledger.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { dayOf, PartitionKeeper } from '../../src/core/persistence/partition-keeper.js';
import { Database } from '../../src/core/persistence/database.js';
import { checkInvariants } from '../faults/invariants.js';
import { until } from '../support/until.js';
import { assignmentsOf } from './support/pipeline-registry.js';
import { PipelineHarness, probed } from './support/pipeline-harness.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start();
});
afterAll(() => harness.close());

const feedOf = async (streamId: string): Promise<string[]> =>
  (await harness.rows<{ kind: string }>('SELECT kind FROM feed WHERE stream_id = $1 ORDER BY xid, id', [streamId])).map(({ kind }) => kind);

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
    expect((await feedOf(stream.streamId)).filter((kind) => kind === 'segment.ready')).toHaveLength(3);
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
    expect((await feedOf(stream.streamId)).slice(-2)).toEqual(['segment.ready', 'run.finished']);
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
    expect((await feedOf(stream.id)).filter((kind) => kind === 'epoch.closed')).toHaveLength(1);
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

describe(StreamStore.name, () => {
  it('creates, changes and removes streams, and tells of each', async () => {
    const created = await harness.streams.create({ name: 'garden', title: 'Garden', adapterId: 'rtmp' });
    expect(await harness.streams.getByName('garden')).toEqual(created);
    expect(await harness.streams.update(created.id, { title: 'Yard', enabled: false, sourceConfig: { device: 0 } })).toMatchObject({
      title: 'Yard',
      enabled: false,
      isPrivate: false,
      sourceConfig: { device: 0 },
    });
    await harness.streams.setState(created.id, 'starting', 'probing');
    await harness.streams.setState(created.id, 'starting', 'probing');
    expect(await harness.streams.get(created.id)).toMatchObject({ state: 'starting', stateDetail: 'probing' });
    expect(await harness.streams.remove(created.id)).toBe(true);
    expect(await harness.streams.remove(created.id)).toBe(false);
    expect(await harness.streams.get(created.id)).toBeNull();
    expect(await harness.streams.update(created.id, { title: 'Ghost' })).toBeNull();
    expect(await feedOf(created.id)).toEqual(['stream.changed', 'stream.changed', 'stream.changed', 'stream.removed']);
    // The name is free again.
    await harness.streams.create({ name: 'garden', title: 'Garden', adapterId: 'rtmp' });
  });

  it('refuses a name that is taken or cannot be one', async () => {
    await harness.streams.create({ name: 'roof', title: 'Roof', adapterId: 'rtmp' });
    await expect(harness.streams.create({ name: 'roof', title: 'Roof', adapterId: 'rtmp' })).rejects.toMatchObject({
      code: 'VD_STREAM_NAME_TAKEN',
      httpStatus: 409,
    });
    for (const name of ['', '../up', 'A', 'a b', '-x', 'a'.repeat(64)]) {
      await expect(harness.streams.create({ name, title: 'x', adapterId: 'rtmp' })).rejects.toMatchObject({
        code: 'VD_STREAM_NAME_INVALID',
      });
    }
  });

  it('opens a stream with its key and with no other, and keeps no key', async () => {
    const stream = await harness.streams.create({ name: 'door', title: 'Door', adapterId: 'rtmp' });
    const { key, keyId, hint } = await harness.streams.createKey(stream.id);
    expect(key).toMatch(/^vd_[a-z2-7]{32}$/);
    expect(hint).toBe(`…${key.slice(-4)}`);
    expect(await harness.streams.findByKey(key)).toEqual({ stream, keyId });
    for (const wrong of ['', 'vd_', key.slice(0, -1), `${key} `, key.toUpperCase()])
      expect(await harness.streams.findByKey(wrong)).toBeNull();
    expect((await harness.streams.listKeys(stream.id))[0]).toMatchObject({
      keyId,
      hint,
      revokedAtMs: null,
      lastUsedAtMs: expect.any(Number),
    });
    const [kept] = await harness.rows<Record<string, unknown>>('SELECT encode(key_sha256, $2) AS hash, * FROM stream_keys WHERE id = $1', [
      keyId,
      'escape',
    ]);
    expect(JSON.stringify(kept)).not.toContain(key.slice(3));

    await harness.streams.update(stream.id, { enabled: false });
    expect(await harness.streams.findByKey(key)).toBeNull();
    await harness.streams.update(stream.id, { enabled: true });
    expect(await harness.streams.revokeKey(stream.id, keyId)).toBe(true);
    expect(await harness.streams.revokeKey(stream.id, keyId)).toBe(false);
    expect(await harness.streams.findByKey(key)).toBeNull();
    await expect(harness.streams.createKey(randomUUID())).rejects.toMatchObject({ code: 'VD_STREAM_NOT_FOUND' });
  });

  it('tells of changes made by another process, also after its connection broke', async () => {
    const heard = new Set<string>();
    const stop = harness.streams.onChange(({ streamId }) => heard.add(streamId));
    await until(
      'the listener to be connected',
      async () => (await harness.rows(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %vedette_streams%'`)).length > 0,
    );
    const first = await harness.streams.create({ name: 'heard-1', title: 'x', adapterId: 'rtmp' });
    await until('the first change', () => heard.has(first.id));
    await harness.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %vedette_streams%'`);
    const second = await harness.streams.create({ name: 'heard-2', title: 'x', adapterId: 'rtmp' });
    await until('the change made while nobody listened', () => heard.has(second.id));
    stop();
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

describe(PartitionKeeper.name, () => {
  it('makes a day once although many ask at once, and leaves the others alone', async () => {
    const day = dayOf(Date.UTC(2021, 4, 5) * 1_000);
    const keepers = Array.from({ length: 8 }, () => new PartitionKeeper(harness.get(Database)));
    await Promise.all(keepers.map((keeper) => keeper.ensure([day, day + 1])));
    const tables = await harness.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '_2021_05_0[0-9]$' ORDER BY 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(
      ['detections', 'metrics', 'observations'].flatMap((table) => [`${table}_2021_05_05`, `${table}_2021_05_06`]),
    );
  });

  it('makes the days around today ahead of time', async () => {
    await harness.get(PartitionKeeper).keepAhead();
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '_');
    expect(await harness.rows(`SELECT count(*)::int AS count FROM pg_class WHERE relkind = 'r' AND relname = 'metrics_${today}'`)).toEqual([
      { count: 1 },
    ]);
  });

  it('makes room for results of any day at the moment they come, and again after it was dropped', async () => {
    const runs = harness.get(RunLedger);
    const stream = await harness.openStream(undefined, Date.UTC(1999, 11, 31, 23, 59, 59));
    await harness.register(stream, 0, 2);
    for (const sequence of [0, 1]) {
      const turn = await runs.enter({ streamId: stream.streamId, queue: 'default' }, 'me');
      if (turn.kind !== 'claimed') throw new Error(`Not claimed: ${turn.kind}`);
      const [run] = turn.work.runs;
      if (run === undefined) throw new Error('No run');
      const metric = (ptsUs: number) => ({ type: 'metric', name: 'n', unit: '1', value: 1, ptsUs }) as const;
      const results = [metric(sequence * 2_000_000), metric(sequence * 2_000_000 + 1_500_000)];
      const settled = await runs.settle('me', turn.work, [
        { runId: run.runId, attempt: run.attempt, state: 'done', framesSeen: 1, framesExpected: 1, cpuMs: 1, results },
      ]);
      expect([...settled.keys()]).toEqual([run.runId]);
      await runs.leave(turn.lane, 'me', false);
      await harness.rows('DROP TABLE IF EXISTS metrics_2000_01_01');
    }
    const days = await harness.rows<{ day: string }>(
      `SELECT DISTINCT to_char(at, 'YYYY-MM-DD') AS day FROM metrics WHERE stream_id = $1 ORDER BY 1`,
      [stream.streamId],
    );
    expect(days.map(({ day }) => day)).toEqual(['1999-12-31']);
  });
});

describe('the feed', () => {
  /** What the API does: everything after the cursor that no older transaction can still come before. */
  const readAfter = (xid: string, id: string) =>
    harness.rows<{ xid: string; id: string; payload: { n?: number } }>(
      `SELECT f.xid::text, f.id::text, f.payload FROM feed f WHERE (f.xid, f.id) > ($1::text::xid8, $2::bigint)
         AND f.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY f.xid, f.id`,
      [xid, id],
    );

  it('never lets a cursor pass a row whose transaction commits late', async () => {
    const [last] = await harness.rows<{ xid: string; id: string }>(
      `SELECT f.xid::text, f.id::text FROM feed f ORDER BY f.xid DESC, f.id DESC LIMIT 1`,
    );
    let cursor = last ?? { xid: '0', id: '0' };
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for (const row of await readAfter(cursor.xid, cursor.id)) {
        cursor = row;
        if (row.payload.n !== undefined) seen.push(row.payload.n);
      }
    };
    const slow = new pg.Client({ connectionString: harness.database.url });
    await slow.connect();
    const insert = (n: number) => `INSERT INTO feed (kind, payload) VALUES ('test', '{"n": ${n}}')`;
    await slow.query('BEGIN');
    await slow.query(insert(1));
    await harness.rows(insert(2));
    await read();
    expect(seen).toEqual([]);
    await slow.query('COMMIT');
    await slow.end();
    await until('both rows in commit order', async () => {
      await read();
      return seen.length === 2;
    });
    expect(seen).toEqual([1, 2]);

    const writers = Array.from({ length: 100 }, (_, index) => harness.rows(insert(100 + index)));
    const reading = (async () => {
      while (seen.length < 102) await read();
    })();
    await Promise.all([...writers, reading]);
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, ...Array.from({ length: 100 }, (_, index) => 100 + index)]);
  });

  it('rings after what it tells of can be seen', async () => {
    const listener = new pg.Client({ connectionString: harness.database.url });
    await listener.connect();
    await listener.query(`LISTEN ${FEED_CHANNEL}`);
    const rung = new Promise<void>((heard) => listener.once('notification', () => heard()));
    const stream = await harness.openStream();
    await rung;
    expect(await feedOf(stream.streamId)).toContain('stream.changed');
    await listener.end();
  });

  it('forgets what is older than clients may resume from, all but the row that says how far back it is whole', async () => {
    await harness.rows(
      `INSERT INTO feed (kind, at) VALUES ('oldest', now() - interval '3 hours'), ('old', now() - interval '2 hours'), ('young', now())`,
    );
    await new FeedRetention(harness.get(Database), 3_600_000).clear();
    expect(await harness.rows(`SELECT kind FROM feed WHERE kind IN ('oldest', 'old', 'young') ORDER BY id`)).toEqual([
      { kind: 'old' },
      { kind: 'young' },
    ]);
  });
});
