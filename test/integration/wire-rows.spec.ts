import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { KINDS, WireRoundTrip } from './support/wire-round-trip.js';

/** The largest number that JSON holds exactly. */
const BIG = '9007199254740991';
const BIG_ON_WIRE = 9007199254740991;
/** Beyond 32 bits: a ledger that is old. */
const FIRST_ID = '5000000001';
const AT = '2026-03-29T01:30:00.123456Z';
const AT_ON_WIRE = '2026-03-29T01:30:00.123Z';
const AT_US = '1774747800123456';

describe('rows of the ledger on the wire', () => {
  let database: TestDatabase;
  let trip: WireRoundTrip;
  const [streamId, epochId] = [randomUUID(), randomUUID()];
  const place = { stream_id: streamId, epoch_id: epochId };
  const placeOnWire = { streamId, epochId };

  beforeAll(async () => {
    database = await createTestDatabase();
    trip = await WireRoundTrip.open(database.url);
    for (const table of ['segments', 'analysis_runs', 'events']) {
      await trip.sql.query(`ALTER TABLE ${table} ALTER COLUMN id RESTART WITH ${FIRST_ID}`);
    }
    for (const table of ['detections', 'metrics', 'observations']) {
      await trip.sql.query(
        `CREATE TABLE ${table}_that_day PARTITION OF ${table} FOR VALUES FROM ('2026-03-29 00:00+00') TO ('2026-03-30 00:00+00')`,
      );
    }
    await trip.sql.query(`INSERT INTO streams (id, name, title, adapter_id, source_config) VALUES ($1, 'hall', 'Hall', 'rtmp', '{}')`, [
      streamId,
    ]);
    await trip.sql.query(`INSERT INTO epochs (id, stream_id, ordinal, ingest_id, started_at) VALUES ($1, $2, 0, 'n', $3)`, [
      epochId,
      streamId,
      AT,
    ]);
  });
  afterAll(async () => {
    await trip.close();
    await database.drop();
  });

  describe('epochs', () => {
    const written = (ordinal: number) => ({ id: randomUUID(), stream_id: streamId, ordinal, ingest_id: 'n', started_at: AT });

    it('about which nothing is known yet', async () => {
      const epoch = written(1);
      const unknown = {
        endedAt: null,
        endReason: null,
        ptsOriginUs: null,
        videoCodec: null,
        audioCodec: null,
        widthPx: null,
        heightPx: null,
      };
      const expected = { id: epoch.id, streamId, ordinal: 1, state: 'open', startedAt: AT_ON_WIRE, ...unknown };
      expect(await trip.of(KINDS.epoch, epoch)).toEqual(expected);
    });

    it('that are over', async () => {
      const epoch = written(2147483647);
      const media = { pts_origin_us: BIG, video_codec: 'hevc', audio_codec: 'aac', width_px: 3840, height_px: 2160 };
      expect(await trip.of(KINDS.epoch, { ...epoch, state: 'closed', ended_at: AT, end_reason: 'publisher-gone', ...media })).toEqual({
        ...{ id: epoch.id, streamId, ordinal: 2147483647, state: 'closed', startedAt: AT_ON_WIRE, endedAt: AT_ON_WIRE },
        ...{ endReason: 'publisher-gone', ptsOriginUs: BIG_ON_WIRE, videoCodec: 'hevc', audioCodec: 'aac', widthPx: 3840, heightPx: 2160 },
      });
    });

    it('whose media clock begins at zero', async () => {
      expect(await trip.of(KINDS.epoch, { ...written(2), pts_origin_us: 0 })).toMatchObject({ ptsOriginUs: 0 });
    });
  });

  describe('segments', () => {
    const path = `${streamId}/${epochId}/000007.ts`;

    it('with sizes and times beyond 32 bits, and times before the clock began', async () => {
      const times = { pts_start_us: '-40000', pts_end_us: BIG, at: AT };
      const content = { path, size_bytes: '6000000000', frame_count: 60, keyframe_pts_us: ['-40000', '960000'] };
      expect(await trip.of(KINDS.segment, { ...place, sequence: 7, state: 'ready', ...times, ...content })).toEqual({
        ...{ ...placeOnWire, id: FIRST_ID, sequence: 7, state: 'ready', url: `/streaming/${path}`, at: AT_ON_WIRE },
        ...{ ptsStartUs: -40_000, ptsEndUs: BIG_ON_WIRE, sizeBytes: 6_000_000_000, frameCount: 60, keyframeCount: 2 },
      });
    });

    it.each([
      [8, 'unreadable'],
      [9, 'deleted'],
    ])('%d that is %s and has no keyframe', async (sequence, state) => {
      const nothing = { path, size_bytes: 0, pts_start_us: 0, pts_end_us: 0, frame_count: 0, at: AT };
      const expected = { state, sizeBytes: 0, frameCount: 0, keyframeCount: 0 };
      expect(await trip.of(KINDS.segment, { ...place, sequence, state, ...nothing })).toMatchObject(expected);
    });
  });

  describe('runs', () => {
    const analyzer = { queue: 'default', analyzer_id: 'a.b', analyzer_version: '1.0.0' };
    const given = { ...place, ...analyzer, segment_id: FIRST_ID, epoch_ordinal: 0, sequence: 7, created_at: AT };
    const givenOnWire = {
      ...{ ...placeOnWire, id: expect.stringMatching(/^50000000\d\d$/) as string, segmentId: FIRST_ID, sequence: 7, createdAt: AT_ON_WIRE },
      ...{ queue: 'default', analyzerId: 'a.b', analyzerVersion: '1.0.0' },
    };

    it('that are only promised', async () => {
      expect(await trip.of(KINDS.run, { ...given, config_hash: 'promised' })).toEqual({
        ...{ ...givenOnWire, configHash: 'promised', state: 'queued', attempt: 0, reason: null, errorCode: null, errorMessage: null },
        ...{ strategy: null, strategyReason: null, executedBy: null, framesSeen: null, framesExpected: null, resultCount: null },
        ...{ wallMs: null, cpuMs: null, decodeCpuMs: null, cost: null, finishedAt: null },
      });
    });

    it('of which everything is said, nought included', async () => {
      const end = { state: 'partial', attempt: 3, reason: 'damaged', error_code: 'VD_MEDIA_DAMAGED', error_message: 'a "quoted"\nreason' };
      const way = {
        strategy: 'lan',
        strategy_reason: 'preferred',
        executed_by: 'box',
        frames_seen: 0,
        frames_expected: 60,
        result_count: 100000,
      };
      const spent = { wall_ms: 12.5, cpu_ms: 0.1, decode_cpu_ms: 0, cost: 0.0000015, finished_at: AT };
      expect(await trip.of(KINDS.run, { ...given, config_hash: 'said', ...end, ...way, ...spent })).toEqual({
        ...{ ...givenOnWire, configHash: 'said', state: 'partial', attempt: 3, reason: 'damaged', finishedAt: AT_ON_WIRE },
        ...{
          errorCode: 'VD_MEDIA_DAMAGED',
          errorMessage: 'a "quoted"\nreason',
          strategy: 'lan',
          strategyReason: 'preferred',
          executedBy: 'box',
        },
        ...{ framesSeen: 0, framesExpected: 60, resultCount: 100_000, wallMs: 12.5, cpuMs: 0.1, decodeCpuMs: 0, cost: 0.0000015 },
      });
    });

    it.each(['running', 'done', 'skipped', 'failed'])('that are %s', async (state) => {
      expect(await trip.of(KINDS.run, { ...given, config_hash: state, state })).toMatchObject({ state });
    });
  });

  describe('results', () => {
    const given = (run: number) => ({ ...place, at: AT, run_id: run, ordinal: 3, analyzer_id: 'a.b', pts_us: BIG });
    const givenOnWire = (run: number) => ({
      ...placeOnWire,
      at: AT_ON_WIRE,
      runId: String(run),
      ordinal: 3,
      analyzerId: 'a.b',
      ptsUs: BIG_ON_WIRE,
    });
    const box = { x: 0, y: 0.1, width: 1, height: 0.33333334 };

    it('detections, to the last digit that is stored', async () => {
      const attributes = { age: [1, null], nested: { ok: true } };
      const found = { label: 'a "cat"', score: 0.1, ...box, track_id: 't-1', attributes };
      const foundOnWire = { label: 'a "cat"', score: 0.1, box, trackId: 't-1', attributes };
      expect(await trip.of(KINDS.detection, { ...given(5_000_000_001), ...found })).toEqual({
        ...givenOnWire(5_000_000_001),
        ...foundOnWire,
      });
    });

    it('detections of which little is said', async () => {
      const expected = { label: '', score: 0, trackId: null, attributes: null };
      expect(await trip.of(KINDS.detection, { ...given(2), label: '', score: 0, ...box })).toMatchObject(expected);
    });

    it.each([
      [1, 0],
      [2, -0.5],
      [3, 0.1],
      [4, 1e-300],
      [5, Number.MAX_VALUE],
    ])('metric %d of %d', async (run, value) => {
      const metric = { name: 'loudness', unit: 'LUFS', value };
      expect(await trip.of(KINDS.metric, { ...given(run), ...metric })).toEqual({ ...givenOnWire(run), ...metric });
    });

    it('observations with whatever they hold', async () => {
      const said = { type: 'text', data: { words: ['é', '\u2028'], box: null, deep: { list: [] } } };
      expect(await trip.of(KINDS.observation, { ...given(1), ...said })).toEqual({ ...givenOnWire(1), ...said });
    });
  });

  describe('events', () => {
    const given = {
      ...place,
      analyzer_id: 'a.b',
      config_hash: 'c',
      name: 'black',
      start_pts_us: BIG,
      start_at: AT,
      first_run_id: 1,
      last_run_id: BIG,
    };
    const id = expect.stringMatching(/^500000000\d$/) as string;
    const givenOnWire = {
      ...placeOnWire,
      id,
      analyzerId: 'a.b',
      name: 'black',
      startPtsUs: BIG_ON_WIRE,
      startAt: AT_ON_WIRE,
      evidence: null,
    };

    it('that go on', async () => {
      const open = { endPtsUs: null, endAt: null, endReason: null, data: null };
      expect(await trip.of(KINDS.event, { ...given, key: 'k1', state: 'open' })).toEqual({
        ...givenOnWire,
        key: 'k1',
        state: 'open',
        ...open,
      });
    });

    it('that are over, also where the media clock begins', async () => {
      const end = { state: 'closed', end_pts_us: 0, end_at: AT, end_reason: 'ended', data: { level: 0 } };
      const endOnWire = { state: 'closed', endPtsUs: 0, endAt: AT_ON_WIRE, endReason: 'ended', data: { level: 0 } };
      expect(await trip.of(KINDS.event, { ...given, key: 'k2', ...end })).toEqual({ ...givenOnWire, key: 'k2', ...endOnWire });
    });
  });

  it.each([
    ['segment', 7],
    ['detection', 5_000_000_001],
    ['metric', 1],
    ['observation', 1],
    ['event', 'k1'],
  ] as const)('cursors over each %s have the microseconds that the wire leaves out', async (kind, key) => {
    expect(await trip.row(KINDS[kind], key)).toMatchObject({ at_us: AT_US });
  });
});
