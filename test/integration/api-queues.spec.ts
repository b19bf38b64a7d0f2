import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QueueReports } from '../../src/core/api/resources/queue-reports.js';
import type { CancelledWire, QueueReportWire, QueueRunWire, RetriedWire } from '../../src/core/wire/queues.wire.js';
import type { SystemWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

const LOOK = 'vedette.test.look';
const HASH = '0123456789abcdef';

describe('queues and their runs by REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let admin: string;
  let viewer: string;
  let streamId: string;
  let epochId: string;
  let segments: string[];

  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.sql.query('TRUNCATE analysis_runs, queue_pauses, queue_failures_seen, analyzer_checkpoints');
    api.queues.rung.length = 0;
    // What was read a moment ago is of the test before.
    api.app.get(QueueReports).forget();
    streamId = await seed.stream();
    epochId = await seed.epoch(streamId);
    segments = [];
    for (let sequence = 0; sequence < 4; sequence++) segments.push(await seed.segment(streamId, epochId, sequence));
  });

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    bearer = admin,
  ): Promise<{ status: number; body: T & { code?: string } }> => {
    const response = await api.call(method, `/api/${path}`, { bearer, ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: (await response.json()) as T & { code?: string } };
  };
  const reportOf = async (name: string, bearer = admin): Promise<QueueReportWire> => {
    const { body } = await call<{ items: QueueReportWire[] }>('GET', 'queues/reports', undefined, bearer);
    return body.items.find((one) => one.name === name)!;
  };
  /** A run of each of the four segments. */
  const runs = async (
    state: string,
    more: { code?: string; reason?: string; hash?: string; attempt?: number; finished?: boolean } = {},
  ): Promise<string[]> => {
    const { code = null, reason = null, hash = HASH, attempt = 3 } = more;
    const { rows } = await api.sql.query<{ id: string }>(
      `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version, config_hash,
         state, attempt, error_code, error_message, reason, created_at, started_at, finished_at, wall_ms)
       SELECT id, stream_id, epoch_id, 0, sequence, 'default', $2, '1.0.0', $3, $4, $5, $6, $6 || ' happened', $7,
         now() - interval '3 seconds', now() - interval '2 seconds', CASE WHEN $4 IN ('queued', 'running') THEN NULL ELSE now() END, 500
       FROM segments WHERE id = ANY ($1::bigint[]) ORDER BY id RETURNING id`,
      [segments, LOOK, hash, state, attempt, code, reason],
    );
    return rows.map(({ id }) => id);
  };
  const stored = async (): Promise<Record<string, number>> => {
    const { rows } = await api.sql.query<{ state: string; count: number }>(
      `SELECT state || COALESCE('(' || reason || ')', '') AS state, count(*)::int AS count FROM analysis_runs GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };
  const recorded = async (): Promise<string[]> => {
    const { rows } = await api.sql.query<{ action: string }>(
      `SELECT action FROM audit WHERE action ~ '^(queue|run)[.]' AND at > now() - interval '1 minute' ORDER BY id DESC LIMIT 4`,
    );
    return rows.map(({ action }) => action).reverse();
  };

  it('tells of each queue what waits, how fast it goes, what fails with its fix, and sums it up', async () => {
    await runs('done');
    expect(await reportOf('logo_detection')).toMatchObject({ verdict: 'idle', sentence: 'logo_detection has nothing to do', waiting: 0 });
    const report = await reportOf('default');
    expect(report).toMatchObject({ verdict: 'well', waiting: 0, oldestMs: null, ended: { done: 4, failed: 0 }, failures: [] });
    expect(report.waitMs!.p50).toBeCloseTo(1_000, -1);
    expect(report.runMs).toEqual({ p50: 500, p95: 500 });
  });

  it('groups failures by code, hides what was said of them from viewers, and forgets what was seen until told otherwise', async () => {
    const failed = await runs('failed', { code: 'VD_PIPELINE_TIMEOUT' });
    const report = await reportOf('default');
    expect(report).toMatchObject({ verdict: 'failing', newestFailedRunId: failed.at(-1) });
    expect(report.failures).toMatchObject([
      {
        code: 'VD_PIPELINE_TIMEOUT',
        title: 'A segment took too long to analyse',
        fix: expect.stringContaining('jobTimeout'),
        message: 'VD_PIPELINE_TIMEOUT happened',
        count: 4,
        streams: 1,
        analyzerIds: [LOOK],
      },
    ]);
    expect((await reportOf('default', viewer)).failures[0]).toMatchObject({ count: 4, message: '' });

    const seen = await call<QueueReportWire>('POST', 'queues/default/failures/seen', { upToRunId: failed[2] });
    expect(seen.body).toMatchObject({ failures: [{ count: 1 }], seen: { by: expect.stringContaining('admin') } });
    expect((await call<QueueReportWire>('DELETE', 'queues/default/failures/seen')).body).toMatchObject({
      failures: [{ count: 4 }],
      seen: null,
    });
    expect(await recorded()).toEqual(['queue.failures.seen', 'queue.failures.unseen']);
    expect(await stored()).toEqual({ failed: 4 });
  });

  it('lists runs page by page, by why, with the code’s words', async () => {
    const failed = await runs('failed', { code: 'VD_PIPELINE_POISON' });
    const first = await call<{ items: QueueRunWire[]; next: string | null }>('GET', 'queues/default/runs?limit=3');
    expect(first.body.items.map(({ id }) => id)).toEqual([...failed].reverse().slice(0, 3));
    expect(first.body.items[0]).toMatchObject({
      errorTitle: 'A segment takes its worker down',
      streamName: expect.stringMatching(/^stream-/),
    });
    const second = await call<{ items: QueueRunWire[]; next: string | null }>(
      'GET',
      `queues/default/runs?limit=3&after=${first.body.next}`,
    );
    expect(second.body).toMatchObject({ items: [{ id: failed[0] }], next: null });
    expect((await call<{ items: QueueRunWire[] }>('GET', 'queues/default/runs?why=VD_OTHER')).body.items).toEqual([]);
    expect((await call<{ items: QueueRunWire[] }>('GET', 'queues/default/runs?state=skipped')).body.items).toEqual([]);
    expect(await call('GET', 'queues/default/runs', undefined, viewer)).toMatchObject({ status: 403 });
    expect(await call('GET', 'queues/nothing/runs')).toMatchObject({ status: 404, body: { code: 'VD_API_NOT_FOUND' } });
    expect(await call('GET', 'queues/default/runs?limit=1000')).toMatchObject({ status: 400, body: { code: 'VD_API_INVALID' } });
  });

  it('lets what failed wait again with all attempts before it, rings for its lane, and puts it on record', async () => {
    await runs('failed', { code: 'VD_PIPELINE_TIMEOUT' });
    const { status, body } = await call<RetriedWire>('POST', 'queues/default/retry', { why: 'VD_PIPELINE_TIMEOUT' });
    expect([status, body]).toEqual([200, { retried: 4, gone: 0, behind: [], after: null }]);
    expect(await stored()).toEqual({ queued: 4 });
    const { rows } = await api.sql.query('SELECT attempt, deferrals, error_code, finished_at FROM analysis_runs LIMIT 1');
    expect(rows[0]).toEqual({ attempt: 3, deferrals: 3, error_code: null, finished_at: null });
    expect(api.queues.rung).toEqual([{ streamId, queue: 'default' }]);
    expect((await recorded()).at(-1)).toBe('run.retry');
  });

  it('leaves what its analyzer is past, and says which range would have to be analysed again', async () => {
    await runs('failed', { code: 'VD_X' });
    await api.sql.query(
      `INSERT INTO analyzer_checkpoints (stream_id, analyzer_id, config_hash, epoch_id, sequence, data) VALUES ($1, $2, $3, $4, 1, '{}')`,
      [streamId, LOOK, HASH, epochId],
    );
    const { body } = await call<RetriedWire>('POST', 'queues/default/retry', {});
    expect(body).toMatchObject({ retried: 2, behind: [{ analyzerId: LOOK, why: 'late', runs: 2, streamIds: [streamId] }] });
    expect(Date.parse(body.behind[0]!.to) - Date.parse(body.behind[0]!.from)).toBe(4_000);
    expect(await stored()).toEqual({ queued: 2, failed: 2 });
  });

  it('takes up nothing of another config, and nothing whose media is gone', async () => {
    await runs('failed', { code: 'VD_X', hash: 'ffffffffffffffff' });
    expect((await call<RetriedWire>('POST', 'queues/default/retry', {})).body).toMatchObject({
      retried: 0,
      behind: [{ why: 'changed', runs: 4 }],
    });
    await api.sql.query(`UPDATE segments SET state = 'deleted' WHERE stream_id = $1`, [streamId]);
    expect((await call<RetriedWire>('POST', 'queues/default/retry', {})).body).toMatchObject({ retried: 0, gone: 4, behind: [] });
    expect(api.queues.rung).toEqual([]);
  });

  it('takes up one run, and refuses one that is done, that nobody knows, and a viewer', async () => {
    const [failed] = await runs('failed', { code: 'VD_X' });
    expect(await call<RetriedWire>('POST', `runs/${failed}/retry`, undefined, viewer)).toMatchObject({ status: 403 });
    expect(await call<RetriedWire>('POST', `runs/${failed}/retry`)).toMatchObject({ status: 200, body: { retried: 1 } });
    expect(await call('POST', `runs/${failed}/retry`)).toMatchObject({ status: 409, body: { code: 'VD_RUN_STATE' } });
    expect(await call('POST', 'runs/999999999/retry')).toMatchObject({ status: 404 });
    expect(await call('POST', 'runs/x/retry')).toMatchObject({ status: 400 });
  });

  it('calls off what waits, which can be taken up again', async () => {
    await runs('queued', { attempt: 0 });
    const { body } = await call<CancelledWire>('POST', 'queues/default/cancel', { streamId });
    expect(body).toEqual({ cancelled: 4, more: false });
    expect(await stored()).toEqual({ 'skipped(cancelled)': 4 });
    const { rows } = await api.sql.query(`SELECT 1 FROM feed WHERE kind = 'run.finished' AND stream_id = $1`, [streamId]);
    expect(rows).toHaveLength(4);
    expect((await call<RetriedWire>('POST', 'queues/default/retry', { state: 'skipped', why: 'cancelled' })).body.retried).toBe(4);
    expect(await recorded()).toEqual(expect.arrayContaining(['run.cancel', 'run.retry']));
  });

  it('is paused and resumed by admins, on record, and says so where problems are told', async () => {
    await runs('queued', { attempt: 0 });
    expect(await call('POST', 'queues/default/pause', undefined, viewer)).toMatchObject({ status: 403 });
    const paused = await call<QueueReportWire>('POST', 'queues/default/pause');
    expect(paused.body).toMatchObject({ verdict: 'paused', paused: { by: expect.stringContaining('admin') } });
    expect(paused.body.sentence).toMatch(/^default is paused by .*: 4 runs wait$/);
    await call('POST', 'queues/default/pause');
    const { body: system } = await call<SystemWire>('GET', 'system');
    expect(system.problems).toContainEqual(expect.stringMatching(/^Queue default is paused by .* since /));
    expect((await call<QueueReportWire>('POST', 'queues/default/resume')).body).toMatchObject({ paused: null });
    expect(api.queues.rung).toMatchObject([{ streamId, queue: 'default' }]);
    expect(await recorded()).toEqual(expect.arrayContaining(['queue.pause', 'queue.resume']));
  });
});
