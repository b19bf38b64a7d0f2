import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { shadowWire, strategyWire } from '../../src/core/wire/strategies.wire.js';
import { pageOf } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

describe('GET /api/strategies', () => {
  let api: ApiApp;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());

  async function get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    const response = await api.call('GET', path, { bearer: viewer });
    const text = await response.text();
    expect([response.status, text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    return schema.parse(JSON.parse(text));
  }
  const strategies = async () => (await get('/api/strategies', pageOf(strategyWire.strict()))).items;

  it('names each strategy, who may go there, and that nobody has told anything yet', async () => {
    const [local] = await strategies();
    expect(local).toMatchObject({
      id: 'local',
      reach: 'worker',
      carriesState: true,
      tasks: null,
      budget: null,
      spent: { today: 0, thisMonth: 0 },
      workers: [],
      lastHour: { runs: 0, wallMsP50: null },
    });
    expect(local?.analyzers[0]).toMatchObject({ rank: 1, of: 1, deadlineMs: null, budget: null });
  });

  it('tells how the living workers see it, whatever else they tell', async () => {
    const report = {
      local: {
        status: 'degraded',
        detail: '1 of 2 hosts',
        breaker: 'open',
        restsUntil: '2026-11-28T16:04:00.000Z',
        failuresInRow: 5,
        msPerMediaSecond: { a: 12.5 },
        budget: { perDay: 3 },
        hosts: [{ name: 'one' }],
      },
      nonsense: 7,
    };
    await api.sql.query(
      `INSERT INTO instances (id, role, host, pid, version, detail, heartbeat_at) VALUES
       ('w1', 'worker', 'alpha', 1, '1', $1, now()), ('w2', 'worker', 'beta', 1, '1', '{"strategies":{"local":{"status":"weird"}}}', now()),
       ('w3', 'worker', 'gone', 1, '1', $1, now() - interval '1 minute'), ('w4', 'worker', 'old', 1, '1', '{}', now())`,
      [JSON.stringify({ strategies: report })],
    );
    const [local] = await strategies();
    expect(local?.workers).toEqual([
      {
        instanceId: 'w1',
        host: 'alpha',
        status: 'degraded',
        detail: '1 of 2 hosts',
        breaker: 'open',
        restsUntil: '2026-11-28T16:04:00.000Z',
        failuresInRow: 5,
        msPerMediaSecond: { a: 12.5 },
        report: { hosts: [{ name: 'one' }] },
      },
      {
        instanceId: 'w2',
        host: 'beta',
        status: 'down',
        detail: null,
        breaker: 'closed',
        restsUntil: null,
        failuresInRow: 0,
        msPerMediaSecond: {},
        report: {},
      },
    ]);
    expect(local?.budget).toEqual({ perDay: 3, perMonth: null });
  });

  it('adds up the last hour, and what was spent', async () => {
    const seed = new LedgerSeed(api.sql);
    const streamId = await seed.stream();
    const epochId = await seed.epoch(streamId);
    for (const sequence of [0, 1, 2]) {
      const segmentId = await seed.segment(streamId, epochId, sequence);
      await api.sql.query(
        `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version,
          config_hash, state, strategy, strategy_reason, wall_ms, cost, finished_at)
         VALUES ($1, $2, $3, 0, $4, 'default', 'a', '1', 'h', $5, 'local', $6, $7, 0.5, now())`,
        [
          segmentId,
          streamId,
          epochId,
          sequence,
          sequence === 2 ? 'failed' : 'done',
          sequence === 0 ? 'preferred' : 'cloud is down',
          100 * (sequence + 1),
        ],
      );
    }
    await api.sql.query(
      `INSERT INTO spending (subject, period, amount) SELECT 'strategy:local', to_char(now() AT TIME ZONE 'UTC', f), a
        FROM (VALUES ('YYYY-MM-DD', 1.5), ('YYYY-MM', 4)) v(f, a)`,
    );
    const [local] = await strategies();
    expect(local?.lastHour).toEqual({ runs: 3, failed: 1, moved: 2, wallMsP50: 200, wallMsP95: 290, cost: 1.5 });
    expect(local?.spent).toEqual({ today: 1.5, thisMonth: 4 });
  });

  it('reports how a strategy in the shadow compares', async () => {
    const row = (state: string, agreement: number | null, reason: string | null, hoursAgo = 0) =>
      api.sql.query(
        `INSERT INTO shadow_runs (run_id, stream_id, analyzer_id, config_hash, strategy, shadow_strategy, state, reason, agreement,
          matched, only_main, only_shadow, main_wall_ms, shadow_wall_ms, main_cost, shadow_cost, at)
         VALUES (1, gen_random_uuid(), 'a', 'h', 'local', 'cloud', $1, $2, $3, 1, 1, 0, 10, 300, 0, 0.02,
           now() - $4::int * interval '1 hour')`,
        [state, reason, agreement, hoursAgo],
      );
    await row('compared', 1, null);
    await row('compared', 0.5, null);
    await row('failed', null, 'VD_X: no');
    await row('compared', 0, null, 30);
    const [day] = (await get('/api/strategies/shadow', pageOf(shadowWire.strict()))).items;
    expect(day).toMatchObject({
      analyzerId: 'a',
      strategy: 'local',
      shadowStrategy: 'cloud',
      compared: 2,
      failed: 1,
      skipped: 0,
      agreement: 0.75,
      shadowWallMsP50: 300,
      shadowCostPerRun: 0.02,
      lastTrouble: 'VD_X: no',
    });
    expect((await get('/api/strategies/shadow?window=7d', pageOf(shadowWire.strict()))).items[0]?.compared).toBe(3);
    for (const window of ['0h', '1w', '400d', '1h;drop'])
      expect((await api.call('GET', `/api/strategies/shadow?window=${encodeURIComponent(window)}`, { bearer: viewer })).status).toBe(400);
  });

  it('is for people who are signed in', async () => {
    expect((await api.call('GET', '/api/strategies')).status).toBe(401);
  });
});
