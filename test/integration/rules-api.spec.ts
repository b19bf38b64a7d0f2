import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JudgementWire, RuleWire } from '../../src/core/wire/rules.wire.js';
import { RULES_PER_STREAM } from '../../src/core/rules/rule.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { until } from '../support/until.js';

const ANALYZER = 'vedette.test.look';
const ZONE = {
  name: 'Door',
  analyzerId: ANALYZER,
  kind: 'zone',
  points: [
    [0.5, 0],
    [1, 0],
    [1, 1],
    [0.5, 1],
  ],
};
const START = new Date('2026-03-01T10:00:00.000Z');

describe('rules by REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let admin: string;
  let viewer: string;
  let streamId: string;

  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions(START);
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    streamId = await seed.stream();
  });

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    bearer = admin,
  ): Promise<{ status: number; body: T & { code?: string; detail?: string } }> => {
    const response = await api.call(method, `/api/streams/${streamId}/rules${path}`, { bearer, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T & { code?: string; detail?: string } };
  };
  const create = async (more: object = {}): Promise<RuleWire> => {
    const { status, body } = await call<RuleWire>('POST', '', { ...ZONE, ...more });
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  };

  it('makes, shows, changes and deletes a rule, and puts each on record', async () => {
    const made = await create();
    expect(made).toMatchObject({
      ...ZONE,
      streamId,
      enabled: true,
      labels: [],
      minScore: 0,
      revision: 1,
      params: { anchor: 'bottom', margin: 0.01, maxGapMs: 2_000, minOverlap: 0.5 },
    });
    expect((await call('GET', `/${made.id}`, undefined, viewer)).body).toEqual(made);
    expect((await call<{ items: RuleWire[] }>('GET', '', undefined, viewer)).body.items).toEqual([made]);

    const renamed = await call<RuleWire>('PATCH', `/${made.id}`, { name: 'Gate' });
    expect(renamed.body).toMatchObject({ name: 'Gate', revision: 1, points: ZONE.points });
    const changed = await call<RuleWire>('PATCH', `/${made.id}`, {
      kind: 'line',
      points: [
        [0, 0.5],
        [1, 0.5],
      ],
      labels: ['person', 'person'],
    });
    expect(changed.body).toMatchObject({
      kind: 'line',
      revision: 2,
      labels: ['person'],
      params: { anchor: 'bottom', margin: 0.01, maxGapMs: 2_000 },
    });
    expect(changed.body.params).not.toHaveProperty('minOverlap');

    expect((await call('DELETE', `/${made.id}`)).status).toBe(204);
    expect((await call('GET', `/${made.id}`)).status).toBe(404);
    const { rows } = await api.sql.query<{ action: string }>('SELECT action FROM audit WHERE target = $1 ORDER BY id', [made.id]);
    expect(rows.map(({ action }) => action)).toEqual(['rule.create', 'rule.update', 'rule.update', 'rule.delete']);
  });

  it('lets viewers read and judge, and nobody write but admins', async () => {
    const { id } = await create();
    const refused = [
      await call('POST', '', ZONE, viewer),
      await call('PATCH', `/${id}`, { enabled: false }, viewer),
      await call('DELETE', `/${id}`, undefined, viewer),
      await call('POST', `/${id}/apply`, { from: START, to: new Date() }, viewer),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(Array(4).fill([403, 'VD_AUTH_FORBIDDEN']));
    expect((await call('POST', '/judge', { ruleId: id, from: START, to: new Date(START.getTime() + 60_000) }, viewer)).status).toBe(200);
    expect((await api.call('GET', `/api/streams/${streamId}/rules`)).status).toBe(401);
    streamId = await seed.stream({ private: true });
    expect((await call('GET', '', undefined, viewer)).status).toBe(404);
  });

  it('is refused when it waits for what its analyzer never reports, with the nearest name', async () => {
    api.analyzer.labels = ['person', 'car'];
    try {
      const made = async (labels: readonly string[]) =>
        call<RuleWire & { code?: string; detail?: string }>('POST', '', { ...ZONE, name: labels.join() || 'all', labels });
      expect((await made(['Persn'])).body).toMatchObject({
        code: 'VD_RULE_LABEL_UNKNOWN',
        detail: expect.stringContaining('"Persn" (did you mean "person"?); it knows person, car'),
      });
      expect((await made(['person', 'bus'])).body.code).toBe('VD_RULE_LABEL_UNKNOWN');
      expect((await made([])).status).toBe(201);
      const { status, body } = await made(['person']);
      expect(status).toBe(201);
      expect((await call<{ code: string }>('PATCH', `/${body.id}`, { labels: ['trolley'] })).body.code).toBe('VD_RULE_LABEL_UNKNOWN');
      expect((await call('PATCH', `/${body.id}`, { enabled: false })).status).toBe(200);
    } finally {
      api.analyzer.labels = undefined;
    }
  });

  it.each([
    [
      'a bow tie',
      {
        points: [
          [0.1, 0.1],
          [0.9, 0.9],
          [0.9, 0.1],
          [0.1, 0.9],
        ],
      },
      'VD_RULE_GEOMETRY',
    ],
    [
      'two points for a zone',
      {
        points: [
          [0, 0],
          [1, 1],
        ],
      },
      'VD_RULE_GEOMETRY',
    ],
    [
      'a point outside',
      {
        points: [
          [0, 0],
          [2, 0],
          [1, 1],
        ],
      },
      'VD_API_INVALID',
    ],
    [
      'a point that is none',
      {
        points: [
          [0, 0],
          ['a', 0],
          [1, 1],
        ],
      },
      'VD_API_INVALID',
    ],
    ['an unknown analyzer', { analyzerId: 'nobody.looks' }, 'VD_RULE_ANALYZER_UNKNOWN'],
    ['a parameter of another kind', { params: { dwellMs: 1_000 } }, 'VD_RULE_PARAMS'],
    ['a dwell without its time', { kind: 'dwell' }, 'VD_RULE_PARAMS'],
    ['a count of at least none', { kind: 'count', params: { objects: 0 } }, 'VD_RULE_PARAMS'],
    ['an overlap for a line', { kind: 'line', params: { anchor: 'overlap' } }, 'VD_RULE_PARAMS'],
    ['an unknown field', { colour: 'red' }, 'VD_API_INVALID'],
    ['a name with a NUL', { name: 'a\0b' }, 'VD_API_INVALID'],
    ['half a surrogate pair', { labels: ['\ud800'] }, 'VD_API_INVALID'],
    ['a score above 1', { minScore: 1.1 }, 'VD_API_INVALID'],
  ])('refuses %s', async (_, more, code) => {
    const { status, body } = await call('POST', '', { ...ZONE, ...more });
    expect([status, body.code]).toEqual([400, code]);
    expect((await call<{ items: unknown[] }>('GET', '')).body.items).toEqual([]);
  });

  it('takes no prototype for a parameter', async () => {
    const response = await api.call('POST', `/api/streams/${streamId}/rules`, {
      bearer: admin,
      body: JSON.stringify({ ...ZONE, params: { margin: 0 } }).replace('"margin":0', '"__proto__":{"margin":0.4}'),
    });
    const { params } = (await response.json()) as RuleWire;
    expect(params ?? {}).toEqual({ anchor: 'bottom', margin: 0.01, maxGapMs: 2_000, minOverlap: 0.5 });
    expect(({} as { margin?: number }).margin).toBeUndefined();
  });

  it('keeps names apart, whatever their case, and stops at the number a checkpoint can hold', async () => {
    const { id } = await create();
    expect((await call('POST', '', { ...ZONE, name: 'DOOR' })).body.code).toBe('VD_RULE_NAME_TAKEN');
    await create({ name: 'Other' });
    expect((await call('PATCH', `/${id}`, { name: 'other' })).status).toBe(409);
    for (let n = 2; n < RULES_PER_STREAM; n++) await create({ name: `Rule ${n}` });
    expect((await call('POST', '', { ...ZONE, name: 'One more' })).body).toMatchObject({ code: 'VD_RULE_TOO_MANY' });
  });

  describe('over a stored walk from left to right and back', () => {
    let epochId: string;
    /** One person, 0.05 of the frame every 0.2 s: 0.1 at 0 s, 0.55 at 1.8 s, 0.6 at 2 s … 1.0 would be 3.6 s; then back. */
    beforeEach(async () => {
      epochId = await seed.epoch(streamId, { startedAt: START, state: 'closed', ptsOriginUs: 0 });
      for (let sequence = 0; sequence < 4; sequence++) {
        const segmentId = await seed.segment(streamId, epochId, sequence);
        const runId = await seed.run(segmentId, []);
        await api.sql.query('DELETE FROM events WHERE first_run_id = $1', [runId]);
        for (let n = 0; n < 10; n++) {
          const step = sequence * 10 + n;
          const x = 0.1 + 0.04 * (step < 20 ? step : 40 - step);
          await api.sql.query(
            `INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height,
              track_id, attributes)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'person', 0.9, $8, 0.4, 0.1, 0.1, '7', '{"colour":"red"}')`,
            [new Date(START.getTime() + step * 200), runId, n, streamId, epochId, ANALYZER, step * 200_000, x - 0.05],
          );
        }
      }
    });

    it('judges a draft without storing anything', async () => {
      const { kind, points } = ZONE;
      const { status, body } = await call<JudgementWire>('POST', '/judge', { rule: { analyzerId: ANALYZER, kind, points }, epochId });
      expect(status, JSON.stringify(body)).toBe(200);
      // Reaches 0.5 with step 10 (2 s), leaves it by more than the margin with step 31 (6.2 s).
      expect(body.events).toMatchObject([
        {
          name: 'zone',
          state: 'closed',
          startPtsUs: 2_000_000,
          startAt: '2026-03-01T10:00:02.000Z',
          endPtsUs: 6_200_000,
          data: { trackId: '7', dwellMs: 4_200, endedBy: 'left' },
        },
      ]);
      expect(body).toMatchObject({
        judged: { epochs: 1, segments: 4, detections: 40, analysedMs: 8_000 },
        counts: { events: 1, tracks: 1, totalMs: 4_200, dropped: 0 },
        truncated: false,
      });
      expect(body.summary).toEqual({
        step: 'minute',
        items: [{ from: '2026-03-01T10:00:00.000Z', events: 1, in: 0, out: 0, occupiedMs: 4_200, maxCount: null, meanCount: null }],
      });
      expect((await api.sql.query('SELECT 1 FROM events WHERE stream_id = $1', [streamId])).rowCount).toBe(0);
    });

    it('judges lines and counts by wall clock, and gives no more events than asked for', async () => {
      const range = { from: START.toISOString(), to: new Date(START.getTime() + 8_000).toISOString() };
      const line = await call<JudgementWire>('POST', '/judge', {
        rule: {
          analyzerId: ANALYZER,
          kind: 'line',
          points: [
            [0.52, 0],
            [0.52, 1],
          ],
        },
        ...range,
        limit: 1,
        summary: 'hour',
      });
      expect(line.body).toMatchObject({
        counts: { events: 2, in: 1, out: 1 },
        truncated: true,
        summary: { step: 'hour', items: [{ events: 2, in: 1, out: 1 }] },
      });
      expect(line.body.events).toHaveLength(1);
      // Half-way between 0.5 at 2 s and 0.54 at 2.2 s.
      expect(line.body.events[0]?.startPtsUs).toBeCloseTo(2_100_000, -1);
      const count = await call<JudgementWire>('POST', '/judge', {
        rule: { analyzerId: ANALYZER, kind: 'count', points: ZONE.points, params: { objects: 1 } },
        ...range,
      });
      expect(count.body).toMatchObject({
        events: [{ startPtsUs: 2_000_000, endPtsUs: 7_000_000 }],
        summary: { items: [{ maxCount: 1, meanCount: 5 / 8 }] },
      });
    });

    it('puts the events of the range right, and only those', async () => {
      const { id } = await create();
      const apply = (body: object) => call<{ removed: number; stored: number; keptOpen: number }>('POST', `/${id}/apply`, body);
      expect((await apply({ epochId })).body).toEqual({ removed: 0, stored: 1, keptOpen: 0 });
      expect((await apply({ epochId, fromPtsUs: 3_000_000 })).body).toEqual({ removed: 0, stored: 0, keptOpen: 0 });
      const events = async () =>
        (await (await api.call('GET', `/api/streams/${streamId}/events?epochId=${epochId}`, { bearer: viewer })).json()) as {
          items: { key: string; state: string; data: object }[];
        };
      expect((await events()).items).toMatchObject([
        { key: `rule:${id}:1:7:2000000`, state: 'closed', data: { ruleName: 'Door', dwellMs: 4_200 } },
      ]);
      await call('PATCH', `/${id}`, {
        points: [
          [0.7, 0],
          [1, 0],
          [1, 1],
          [0.7, 1],
        ],
      });
      expect((await apply({ from: START.toISOString(), to: new Date(START.getTime() + 60_000).toISOString() })).body).toEqual({
        removed: 1,
        stored: 1,
        keptOpen: 0,
      });
      expect((await events()).items).toMatchObject([{ key: `rule:${id}:2:7:3000000` }]);
    });

    it('leaves alone what is told, and does nothing when the rule is changed, while it waits to replace', async () => {
      const { id } = await create();
      const apply = () => call<{ removed: number; stored: number }>('POST', `/${id}/apply`, { epochId });
      expect((await apply()).body).toMatchObject({ removed: 0, stored: 1 });
      const meanwhile = async (act: () => Promise<unknown>): ReturnType<typeof apply> => {
        const client = await api.sql.connect();
        try {
          await client.query('BEGIN');
          await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`rule:${id}:%`]);
          const answer = apply();
          await until(
            'judging to be over',
            async () => (await api.sql.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).rowCount === 1,
          );
          await act();
          await client.query('COMMIT');
          return await answer;
        } finally {
          client.release();
        }
      };
      const live = await meanwhile(async () => {
        const runId = await seed.run(await seed.segment(streamId, epochId, 4), []);
        await api.sql.query(
          `UPDATE events SET key = $2, start_pts_us = 1000000, start_at = $3, state = 'closed', end_pts_us = 2000000, end_at = $3
            WHERE first_run_id = $1`,
          [runId, `rule:${id}:1:8:1000000`, START],
        );
      });
      expect(live.body).toMatchObject({ removed: 1, stored: 1 });
      const { rows } = await api.sql.query<{ key: string }>('SELECT key FROM events WHERE stream_id = $1 ORDER BY start_pts_us', [
        streamId,
      ]);
      expect(rows.map(({ key }) => key)).toEqual([`rule:${id}:1:8:1000000`, `rule:${id}:1:7:2000000`]);

      const changed = await meanwhile(() => call('PATCH', `/${id}`, { minScore: 0.95 }));
      expect([changed.status, changed.body.code]).toEqual([409, 'VD_RULE_CHANGED']);
      expect((await api.sql.query('SELECT 1 FROM events WHERE stream_id = $1', [streamId])).rowCount).toBe(2);
    });

    it.each([
      ['no range', {}, 400, 'VD_RULE_RANGE'],
      ['half a range', { from: START.toISOString() }, 400, 'VD_RULE_RANGE'],
      ['a range that runs back', { from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 400, 'VD_RULE_RANGE'],
      ['more than a day', { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:01Z' }, 400, 'VD_RULE_RANGE'],
      ['pts without their epoch', { fromPtsUs: 0 }, 400, 'VD_RULE_RANGE'],
      ['two ranges', { epochId: '00000000-0000-4000-8000-000000000000', from: START.toISOString() }, 400, 'VD_RULE_RANGE'],
      ['a context of days', { from: START.toISOString(), to: START.toISOString(), contextMs: 1e9 }, 400, 'VD_API_INVALID'],
    ])('refuses %s', async (_, body, status, code) => {
      const { kind, points } = ZONE;
      const answer = await call('POST', '/judge', { rule: { analyzerId: ANALYZER, kind, points }, ...body });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    });

    it('wants one rule to judge by, of this stream', async () => {
      const { id } = await create();
      const { kind, points } = ZONE;
      expect((await call('POST', '/judge', { epochId })).body.code).toBe('VD_API_INVALID');
      expect((await call('POST', '/judge', { epochId, ruleId: id, rule: { analyzerId: ANALYZER, kind, points } })).body.code).toBe(
        'VD_API_INVALID',
      );
      streamId = await seed.stream();
      expect((await call('POST', '/judge', { epochId, ruleId: id })).status).toBe(404);
      expect(
        (await call<JudgementWire>('POST', '/judge', { epochId, rule: { analyzerId: ANALYZER, kind, points } })).body.judged,
      ).toMatchObject({ epochs: 0, segments: 0 });
    });

    it('judges one range at a time for whoever asks, and keeps another one waiting', async () => {
      const { kind, points } = ZONE;
      const judge = () => call('POST', '/judge', { rule: { analyzerId: ANALYZER, kind, points }, epochId });
      const client = await api.sql.connect();
      let held: ReturnType<typeof judge>[];
      try {
        await client.query('BEGIN; LOCK TABLE analysis_runs IN ACCESS EXCLUSIVE MODE');
        held = [judge(), judge()];
        const waiting =
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DISTINCT ON " +
          "(s.sequence)%'";
        await until('one to wait for the table', async () => (await api.sql.query(waiting)).rowCount === 1);
        expect((await judge()).body.code).toBe('VD_RULE_BUSY');
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
      expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
      expect((await judge()).status).toBe(200);
    });

    it('gives clients what else an analyzer said of a detection', async () => {
      const response = await api.call('GET', `/api/streams/${streamId}/detections?epochId=${epochId}&limit=1`, { bearer: viewer });
      expect(await response.json()).toMatchObject({ items: [{ trackId: '7', attributes: { colour: 'red' } }] });
    });
  });
});
