import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { streamHealthCommand } from '../../src/cli/commands/stream-health.js';
import { StreamHealth } from '../../src/core/api/resources/stream-health.js';
import { MediaNodes } from '../../src/core/persistence/media/media-nodes.js';
import { StreamHealthReads } from '../../src/core/persistence/read/health-reads.js';
import { LiveMeasureStore } from '../../src/core/persistence/streams/live-measure-store.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LiveSocket } from '../support/api/live-socket.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';
import { until } from '../support/until.js';

/** Segments end so much later than now, so that a machine that is slow finds none of them overdue. */
const MARGIN_MS = 30_000;

/** As ledger rows say it, written by ingest and workers; nothing here waits for the clock. */
describe("a stream's health", () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let rest: RestReader;
  let cookie: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
  });
  beforeEach(async () => {
    await api.sql.query('TRUNCATE streams, epochs, segments, gaps, analysis_runs, lanes, live_measures, instances, feed CASCADE');
  });
  afterAll(() => api.stop());

  const fresh = (): void => api.app.get(StreamHealth).forget();
  const healthOf = (id: string, query = ''): Promise<wire.StreamHealthWire> => {
    fresh();
    return rest.get(`/api/streams/${id}/health${query}`, wire.streamHealthWire.strict());
  };
  const codes = ({ issues }: wire.StreamVerdictWire): string[] => issues.map(({ code }) => code);

  /** An epoch that began `agoS` before what is nearly now, and its segments, two seconds each and registered as they ended. */
  async function live(options: { name?: string; private?: boolean; agoS?: number; count?: number } = {}) {
    const { agoS = 60, count = agoS / 2 } = options;
    const streamId = await seed.stream(options);
    const startedAt = new Date(Date.now() - agoS * 1000 + MARGIN_MS);
    const epochId = await seed.epoch(streamId, { startedAt });
    const ids: string[] = [];
    for (let sequence = 0; sequence < count; sequence++) ids.push(await seed.segment(streamId, epochId, sequence));
    await api.sql.query(
      `UPDATE segments SET registered_at = at + (pts_end_us - pts_start_us) * interval '1 microsecond', size_bytes = 500000,
         has_sound = TRUE WHERE epoch_id = $1`,
      [epochId],
    );
    await api.sql.query(
      `UPDATE epochs SET audio_codec = 'aac', video_profile_idc = 100, chroma = '4:2:0', bit_depth = 8, declared_fps = 30 WHERE id = $1`,
      [epochId],
    );
    return { streamId, epochId, startedAt, ids };
  }

  it('is measured by what the ledger holds, and unknown where nobody knows', async () => {
    const { streamId } = await live();
    const health = await healthOf(streamId);
    expect([health.status, health.issues]).toEqual(['good', []]);
    expect(health.measures).toMatchObject({
      ...{
        videoCodec: 'h264',
        videoProfile: 'High',
        chroma: '4:2:0',
        bitDepth: 8,
        playableIn: 'all',
        hasSound: true,
        bitrateBps: 2_000_000,
      },
      ...{ frameRateFps: 30, declaredFrameRateFps: 30, keyframeIntervalMs: 2000, jitterMs: 0, gapsLastHour: [], reconnectsLastHour: 0 },
      ...{ driftMs: null, noPictureMs: null, framesLostByCause: null, analysisLagMs: null, failedShare: null, analysedUpTo: null },
    });
    const { streamId: idle } = { streamId: await seed.stream({ state: 'pending' }) };
    const nothing = await healthOf(idle);
    expect([nothing.status, nothing.issues]).toEqual(['noData', []]);
    expect(nothing.measures).toMatchObject({ bitrateBps: null, frameRateFps: null, segmentAgeMs: null, hasSound: null, playableIn: null });
  });

  it('names keyframes that come seldom, with what to set in OBS', async () => {
    const { streamId, epochId } = await live({ agoS: 50, count: 6 });
    await api.sql.query(
      `UPDATE segments SET at = e.started_at + sequence * interval '8.333 s', pts_start_us = e.pts_origin_us + sequence * 8333000::bigint,
         pts_end_us = e.pts_origin_us + (sequence + 1) * 8333000::bigint, frame_count = 250, size_bytes = 2000000,
         keyframe_pts_us = ARRAY[e.pts_origin_us + sequence * 8333000::bigint], registered_at = e.started_at + (sequence + 1) * interval '8.333 s'
       FROM epochs e WHERE e.id = segments.epoch_id AND e.id = $1`,
      [epochId],
    );
    const health = await healthOf(streamId);
    expect(health.status).toBe('ok');
    expect(health.issues).toMatchObject([
      {
        code: 'keyframe-interval-long',
        severity: 'warning',
        reason: 'Keyframes come every 8.3 s',
        fix: expect.stringMatching(/^set 2 s in OBS, Settings, Output/) as string,
      },
    ]);
    expect(health.measures.keyframeIntervalMs).toBeCloseTo(8333, 0);
  });

  it('counts reconnects, and not an epoch that comes long after the one before', async () => {
    const streamId = await seed.stream();
    const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
    for (const [ordinal, begunS, endedS] of [
      [0, 5000, 4000],
      [1, 1200, 1000],
      [2, 990, 900],
      [3, 895, 600],
      [4, 590, 0],
    ] as const) {
      const id = await seed.epoch(streamId, { ordinal, startedAt: ago(begunS), state: endedS === 0 ? 'open' : 'closed' });
      if (endedS > 0) await api.sql.query('UPDATE epochs SET ended_at = $2 WHERE id = $1', [id, ago(endedS)]);
    }
    const health = await healthOf(streamId);
    expect(health.measures.reconnectsLastHour).toBe(3);
    expect(codes(health)).toContain('reconnecting');
  });

  it('tells of gaps by their reasons, of the last hour and of the last minutes', async () => {
    const { streamId, epochId } = await live();
    const insert = `INSERT INTO gaps (stream_id, epoch_id, after_sequence, from_pts_us, to_pts_us, reason, created_at)
      VALUES ($1, $2, $3, 0, $4, $5, now() - $6::interval)`;
    await api.sql.query(insert, [streamId, epochId, 1, 1_500_000, 'missing-frames', '2 minutes']);
    await api.sql.query(insert, [streamId, epochId, 2, 500_000, 'clock-jump', '3 minutes']);
    await api.sql.query(insert, [streamId, epochId, 3, null, 'packager-failed', '40 minutes']);
    await api.sql.query(insert, [streamId, epochId, 4, null, 'missing-frames', '2 hours']);
    const health = await healthOf(streamId);
    expect(health.issues).toMatchObject([
      { code: 'gaps', severity: 'warning', reason: '2 gaps within 10 minutes (1 clock-jump, 1 missing-frames), 2.0 s long' },
    ]);
    expect(health.measures.gapsLastHour).toEqual([
      { reason: 'clock-jump', count: 1 },
      { reason: 'missing-frames', count: 1 },
      { reason: 'packager-failed', count: 1 },
    ]);
  });

  it('takes what the ingest process says of a live epoch, for as long as it says it and of this epoch', async () => {
    const { streamId, epochId } = await live();
    const store = api.app.get(LiveMeasureStore, { strict: false });
    const measures = {
      noPictureMs: 4_000,
      noKeyframeMs: null,
      writeFault: null,
      declaredFrameRateFps: 60,
      framesLostByCause: { queue: 3 },
    };
    await store.write([{ streamId, epochId, measures }]);
    const health = await healthOf(streamId);
    expect([health.status, codes(health)]).toEqual(['bad', ['no-picture', 'frame-rate-low']]);
    expect(health.measures).toMatchObject({ noPictureMs: 4_000, declaredFrameRateFps: 60, framesLostByCause: { queue: 3 } });
    await api.sql.query(`UPDATE live_measures SET measured_at = now() - interval '16 seconds'`);
    expect((await healthOf(streamId)).measures).toMatchObject({ noPictureMs: null, declaredFrameRateFps: 30, framesLostByCause: null });
    await store.write([{ streamId, epochId: streamId, measures }]);
    expect((await healthOf(streamId)).status).toBe('good');
  });

  it('tells sound that stopped, colours that browsers do not show, and an ingest node that fell silent', async () => {
    const { streamId, epochId } = await live();
    await api.sql.query('UPDATE segments SET has_sound = FALSE WHERE epoch_id = $1 AND sequence >= 20', [epochId]);
    await api.sql.query(`UPDATE epochs SET chroma = '4:4:4', video_profile_idc = 244 WHERE id = $1`, [epochId]);
    expect(codes(await healthOf(streamId))).toEqual(['sound-gone', 'profile-unplayable']);
    await api.sql.query(
      `INSERT INTO stream_owners (stream_id, node_id, node_name, fence, lease_until, since) VALUES ($1, 'n', 'n', 1, now() - interval '9 s', now())`,
      [streamId],
    );
    expect((await healthOf(streamId)).issues[0]).toMatchObject({
      code: 'ingest-silent',
      reason: expect.stringMatching(/^Nothing was heard of its ingest node for \d+ s$/) as string,
    });
  });

  it('tells how far analysis has come, how many runs failed or were skipped, and why', async () => {
    const { streamId, ids } = await live();
    for (const [i, id] of ids.entries()) {
      const run = await seed.run(id, [], { analyzerId: 'acme.door' });
      if (i < 3) await api.sql.query(`UPDATE analysis_runs SET state = 'failed', error_code = 'ACME_BROKEN' WHERE id = $1`, [run]);
      if (i >= 3 && i < 9) await api.sql.query(`UPDATE analysis_runs SET state = 'skipped', reason = 'overload' WHERE id = $1`, [run]);
      if (i >= 9 && i < 12) await api.sql.query(`UPDATE analysis_runs SET state = 'skipped', reason = 'no-motion' WHERE id = $1`, [run]);
      if (i === 20)
        await api.sql.query(
          `UPDATE analysis_runs SET state = 'queued', finished_at = NULL, created_at = now() - interval '40 seconds' WHERE id = $1`,
          [run],
        );
    }
    await api.sql.query(`INSERT INTO lanes (stream_id, queue) VALUES ($1, 'default')`, [streamId]);
    const { issues, measures } = await healthOf(streamId);
    expect(issues.map(({ code, reason }) => [code, reason])).toEqual([
      ['runs-failed', '10 % of the runs within 2 minutes failed (acme.door: ACME_BROKEN)'],
      ['runs-skipped', '21 % of the runs within 2 minutes were skipped (acme.door: overload)'],
      ['analysis-lag', expect.stringMatching(/^The oldest segment waits for its analysis since \d+ s$/)],
    ]);
    expect(measures.failures).toEqual([{ analyzerId: 'acme.door', reason: 'ACME_BROKEN', count: 3 }]);
    expect(measures.skips).toEqual([{ analyzerId: 'acme.door', reason: 'overload', count: 6 }]);
    const { rows } = await api.sql.query<{ at: Date }>('SELECT at FROM segments WHERE id = $1', [ids[20]]);
    expect(measures.analysedUpTo).toBe(rows[0]!.at.toISOString());
    await api.sql.query(`UPDATE analysis_runs SET state = 'done', finished_at = now() WHERE state = 'queued'`);
    const after = await healthOf(streamId);
    expect([after.measures.analysisLagMs, after.measures.analysedUpTo]).toEqual([0, after.measures.mediaUpTo]);
  });

  it('says of a moment in the past what was known then', async () => {
    const { streamId, epochId, startedAt } = await live({ agoS: 600, count: 300 });
    // Ten seconds late from the fifth minute on.
    await api.sql.query(`UPDATE segments SET registered_at = registered_at + interval '10 s' WHERE epoch_id = $1 AND sequence >= 150`, [
      epochId,
    ]);
    const at = (seconds: number): string => `?at=${encodeURIComponent(new Date(startedAt.getTime() + seconds * 1000).toISOString())}`;
    expect(await healthOf(streamId, at(-1))).toMatchObject({ status: 'noData', issues: [], measures: { mediaUpTo: null } });
    expect(await healthOf(streamId, at(280))).toMatchObject({ status: 'good', measures: { driftMs: 0 } });
    const then = await healthOf(streamId, at(500));
    expect([then.status, codes(then), then.measures.driftMs]).toEqual(['bad', ['drift'], 10_000]);
    expect(then.measures.mediaUpTo).toBe(new Date(startedAt.getTime() + 490_000).toISOString());
    expect((await rest.refusal('GET', `/api/streams/${streamId}/health?at=yesterday`, { cookie })).code).toBe('VD_API_INVALID');
  });

  it('comes with the list and over the socket, of private streams for admins alone', async () => {
    const { streamId, epochId } = await live({ name: 'open' });
    const hidden = await live({ name: 'hidden', private: true });
    fresh();
    const list = await rest.get('/api/streams', wire.pageOf(wire.listedStreamWire.strict()));
    expect(list.items.map(({ name, health }) => [name, health.status])).toEqual([
      ['hidden', 'good'],
      ['open', 'good'],
    ]);
    const { token } = await api.apiToken('viewer');
    expect((await api.call('GET', `/api/streams/${hidden.streamId}/health`, { bearer: token })).status).toBe(404);
    const sockets = [new LiveSocket(api.url, { cookie, origin: api.url }), new LiveSocket(api.url, { authorization: `Bearer ${token}` })];
    const heard = (): wire.StreamStatusWire[][] => sockets.map((socket) => socket.of('health').at(-1)?.streams ?? []);
    try {
      for (const socket of sockets) await socket.subscribe(['health']);
      await Promise.all(sockets.map((socket) => socket.first('health')));
      expect(heard().map((streams) => streams.map((each) => each.streamId).toSorted())).toEqual([
        [streamId, hidden.streamId].toSorted(),
        [streamId],
      ]);
      await api.sql.query(`UPDATE epochs SET video_codec = 'hevc' WHERE id = $1`, [epochId]);
      const told = (streams: wire.StreamStatusWire[]): boolean =>
        streams.some((each) => each.streamId === streamId && each.status === 'ok' && codes(each).join() === 'codec-unplayable');
      await until('the change to be told to both', () => heard().every(told));
      expect(sockets.map((socket) => socket.of('health').length)).toEqual([2, 2]);
    } finally {
      for (const { socket } of sockets) socket.terminate();
    }
  });

  it('is not known where it cannot be judged, which keeps nobody from the list', async () => {
    const { streamId } = await live();
    fresh();
    await api.sql.query('ALTER TABLE live_measures RENAME TO live_measures_away');
    try {
      const { items } = await rest.get('/api/streams', wire.pageOf(wire.listedStreamWire.strict()));
      expect(items.map(({ id, health }) => ({ id, health }))).toEqual([{ id: streamId, health: { status: 'noData', issues: [] } }]);
    } finally {
      await api.sql.query('ALTER TABLE live_measures_away RENAME TO live_measures');
    }
  });

  it('is told to Prometheus without what is not known, and to nobody without a token', async () => {
    const { streamId, epochId } = await live({ name: 'door' });
    await live({ name: 'secret', private: true });
    await api.sql.query(`INSERT INTO gaps (stream_id, epoch_id, after_sequence, reason) VALUES ($1, $2, 1, 'odd "reason"')`, [
      streamId,
      epochId,
    ]);
    await api.app
      .get(MediaNodes, { strict: false })
      .publish({ id: 'n', name: 'cam-1', url: null, host: 'h', freeBytes: 5e9, writeFault: null });
    fresh();
    expect((await api.call('GET', '/api/metrics')).status).toBe(401);
    const { token } = await api.apiToken('viewer');
    const answer = await api.call('GET', '/api/metrics', { bearer: token });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    for (const line of [
      '# TYPE vedette_stream_health gauge',
      'vedette_ready 0',
      'vedette_unready{reason="no-worker"} 1',
      'vedette_unready{reason="media-unwritable"} 0',
      'vedette_media_free_bytes{node="cam-1"} 5000000000',
      'vedette_stream_health{stream="door",status="ok"} 1',
      'vedette_stream_issue{stream="door",code="gaps",severity="warning"} 1',
      'vedette_stream_bitrate_bits_per_second{stream="door"} 2000000',
      'vedette_stream_keyframe_interval_seconds{stream="door"} 2',
      'vedette_stream_gaps_last_hour{stream="door",reason="odd \\"reason\\""} 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).not.toMatch(/drift_seconds|frames_lost|secret|NaN/);
  });

  it('is told by the command line in the same words', async () => {
    const { streamId, epochId } = await live({ name: 'door' });
    await api.sql.query(`UPDATE epochs SET bit_depth = 10 WHERE id = $1`, [epochId]);
    const said: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (said.push(String(text)), true));
    const run = async (...args: string[]): Promise<string> => {
      said.length = 0;
      const stores = { streams: api.app.get(StreamStore, { strict: false }), health: api.app.get(StreamHealthReads, { strict: false }) };
      await streamHealthCommand((work) => work(stores))
        .exitOverride()
        .parseAsync(args, { from: 'user' });
      return said.join('');
    };
    try {
      expect(await run()).toMatch(
        /door +ok +\S+\n {2}warning: Browsers do not play H\.264 in 4:2:0 of 10 bits: set 4:2:0 and 8 bits.*\n {4}profile-unplayable, since /,
      );
      expect(await run('door')).toMatch(/bitrateBps +2000000\n/);
      expect(await run('door')).toMatch(/driftMs +unknown\n/);
      const told = JSON.parse(await run('--json')) as wire.StreamHealthWire[];
      expect(told).toMatchObject([{ name: 'door', streamId, issues: (await healthOf(streamId)).issues }]);
      await expect(run('window')).rejects.toMatchObject({ code: 'VD_STREAM_NOT_FOUND' });
      await expect(run('--at', 'noon')).rejects.toMatchObject({ code: 'VD_API_INVALID' });
    } finally {
      write.mockRestore();
    }
  });
});
