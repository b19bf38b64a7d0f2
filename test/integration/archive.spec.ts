import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LedgerArchiver } from '../../src/core/persistence/archive/ledger-archiver.js';
import { FinishedRuns } from '../../src/core/persistence/read/finished-runs.js';
import { timelineWire } from '../../src/core/wire/timeline.wire.js';
import type { DetectionWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { ArchiveScene } from '../support/archive-scene.js';
import { LedgerSeed } from '../support/ledger-seed.js';

/** Ten minutes and a bit, on either side of a midnight of three days ago. */
const MIDNIGHT = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000;
const STARTED_AT = new Date(MIDNIGHT - 620_000);
const SEGMENTS = 190;
const at = (seconds: number): string => encodeURIComponent(new Date(STARTED_AT.getTime() + seconds * 1000).toISOString());

/** Numbers are added up in another order once they are packed. */
const rounded = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body), (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(14)) : value));

describe('a ledger that is packed', () => {
  let api: ApiApp;
  let cookie: string;
  let scene: ArchiveScene;
  let streams: Awaited<ReturnType<ArchiveScene['stream']>>[];
  let before: Record<string, unknown>;

  beforeAll(async () => {
    api = await ApiApp.start();
    const seed = new LedgerSeed(api.sql);
    await seed.partitions(STARTED_AT);
    scene = new ArchiveScene(api.sql, seed);
    // The other's is what must not be found.
    streams = [await scene.stream('hall', STARTED_AT, SEGMENTS)];
    await scene.stream('yard', STARTED_AT, 40);
    cookie = await api.signIn();
    before = await answers();
  });
  afterAll(() => api.stop());

  async function get(path: string, init: Parameters<ApiApp['call']>[2] = {}, method = 'GET'): Promise<Record<string, unknown>> {
    const response = await api.call(method, path, { cookie, ...init });
    const body = (await response.json()) as Record<string, unknown>;
    expect([path, response.status, JSON.stringify(body).slice(0, 200)]).toEqual([
      path,
      expect.toSatisfy((s: number) => s < 300),
      expect.any(String),
    ]);
    return body;
  }

  /** Every page of a list, one after the other. */
  async function pages(path: string): Promise<unknown[]> {
    const items: unknown[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page = (await get(`${path}${after === '' ? '' : `&after=${after}`}`)) as { items: unknown[]; next: string | null };
      items.push(...page.items);
      after = page.next;
    }
    return items;
  }

  /** All that can be asked of what was found, by what was asked. */
  async function answers(): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const [n, { streamId, epochId, runIds }] of streams.entries()) {
      const base = `/api/streams/${streamId}`;
      const { rows: segments } = await api.sql.query<{ id: string }>('SELECT id FROM segments WHERE epoch_id = $1 AND sequence = 121', [
        epochId,
      ]);
      const lists = [
        ...['detections', 'metrics', 'observations', 'runs'].flatMap((list) => [
          `${list}?limit=1000`,
          `${list}?limit=97&order=desc`,
          `${list}?limit=100&from=${at(100)}&to=${at(700)}`,
          `${list}?limit=33&order=desc&from=${at(590)}&to=${at(640)}`,
          `${list}?limit=1000&epochId=${epochId}&fromPtsUs=301400000&toPtsUs=420123456`,
          `${list}?limit=1000&analyzerId=vedette.test.other&from=${at(0)}&to=${at(10_000)}`,
        ]),
        ...['detections?label=Acme', 'detections?label=Bolt&label=a%20%22cat%22&minScore=0.9&order=desc', 'detections?minScore=0.999'],
        ...['metrics?name=sound-level', 'metrics?name=none', 'observations?type=text', 'observations?type=classification&order=desc'],
        ...['runs?state=failed', 'runs?state=done,skipped&order=desc', 'runs?queue=slow', `runs?segmentId=${segments[0]!.id}`],
      ];
      for (const list of lists) found[`${n} ${list.replaceAll(epochId, 'epoch')}`] = await pages(`${base}/${list}`);
      for (const query of [
        `?from=${at(0)}&to=${at(2_000)}`,
        `?from=${at(333)}&to=${at(777)}&minScore=0.2&brand=Acme`,
        `?epochId=${epochId}&to=${at(2_000)}`,
      ]) {
        found[`${n} exposure ${query.replaceAll(epochId, 'epoch')}`] = await get(`${base}/exposure/report${query}`);
      }
      for (const query of [
        `?from=${at(0)}&to=${at(900)}`,
        `?from=${at(-400_000)}&to=${at(900)}&name=Acme,brightness`,
        `?from=${at(-9e6)}&to=${at(900)}`,
      ]) {
        found[`${n} timeline ${query}`] = rounded(await get(`${base}/timeline${query}`));
      }
      const points = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]; // prettier-ignore
      for (const more of [{}, { labels: ['Acme'], minScore: 0.5 }]) {
        const rule = { analyzerId: 'vedette.test.look', kind: 'count', points, params: { objects: 1 }, ...more };
        found[`${n} judged ${JSON.stringify(more)}`] = await get(`${base}/rules/judge`, { body: { rule, epochId } }, 'POST');
      }
      found[`${n} told`] = (await api.app.get(FinishedRuns, { strict: false }).runs([...runIds], [streamId])).sort(
        (a, b) => Number(a.run.id) - Number(b.run.id),
      );
    }
    found['texts'] = await pages(`/api/texts?query=Read%2012&from=${at(0)}&to=${at(2_000)}`);
    return found;
  }

  /** One by one, so that it is seen which question was answered otherwise. */
  const expectSame = (found: Record<string, unknown>, expected: Record<string, unknown>): void => {
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [question, answer] of Object.entries(expected)) expect([question, found[question]]).toEqual([question, answer]);
  };

  const rowsLeft = async (): Promise<Record<string, number>> => {
    const { rows } = await api.sql.query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM detections) AS detections, (SELECT count(*)::int FROM metrics) AS metrics,
         (SELECT count(*)::int FROM observations WHERE type <> 'text') AS others, (SELECT count(*)::int FROM observations) AS observations,
         (SELECT count(*)::int FROM analysis_runs) AS runs, (SELECT sum(row_count)::int FROM ledger_archive) AS packed`,
    );
    return rows[0]!;
  };

  it('answers as before', async () => {
    expect(Object.values(before).every((answer) => answer !== undefined)).toBe(true);
    const all = await rowsLeft();
    const archiver = api.app.get(LedgerArchiver, { strict: false });

    // What ended just now stays; what is older goes, whatever is beside it.
    await scene.endedBefore(new Date(MIDNIGHT));
    const untouched = await answers();
    expect((await archiver.pack()).rows).toBeGreaterThan(1_000);
    const half = await rowsLeft();
    expect(half['detections']).toBeGreaterThan(500);
    expect(half['detections']).toBeLessThan(all['detections']! - 500);
    expect(half['packed']! + half['detections']! + half['metrics']! + half['observations']! + half['runs']!).toBe(
      all['detections']! + all['metrics']! + all['observations']! + all['runs']!,
    );
    expectSame(await answers(), untouched);

    await scene.endedBefore(new Date());
    await archiver.pack();
    expect(await rowsLeft()).toMatchObject({ detections: 0, metrics: 0, others: 0, runs: 0 });
    const { rows: blocks } = await api.sql.query<{ kind: string; blocks: number }>(
      'SELECT kind, count(*)::int AS blocks FROM ledger_archive GROUP BY kind',
    );
    expect(blocks.every(({ blocks: count }) => count <= 20)).toBe(true);
    const after = await answers();
    expectSame(after, before);
    expect(await archiver.pack()).toEqual({ rows: 0, blocks: 0 });
  });

  it('adds up over a long time what the lists hold', async () => {
    const [{ streamId }] = streams as [(typeof streams)[0]];
    const range = `from=${at(0)}&to=${at(900)}`;
    const timeline = timelineWire.strict().parse(await get(`/api/streams/${streamId}/timeline?${range}`));
    expect(timeline.bucketMs).toBe(60_000);
    const whole = `from=${encodeURIComponent(timeline.from)}&to=${encodeURIComponent(timeline.to)}`;
    const found = (await pages(`/api/streams/${streamId}/detections?${whole}&limit=1000`)) as DetectionWire[];
    const fromMs = Date.parse(timeline.from);
    const inBucket = (label: string, analyzerId: string, index: number): number[] =>
      found
        .filter(
          (one) => one.label === label && one.analyzerId === analyzerId && Math.floor((Date.parse(one.at) - fromMs) / 60_000) === index,
        )
        .map(({ score }) => score);
    const ofDetections = timeline.series!.filter(({ kind }) => kind === 'detections');
    expect(ofDetections.flatMap(({ buckets }) => buckets).reduce((sum, { count }) => sum + count, 0)).toBe(found.length);
    for (const { name, analyzerId, buckets } of ofDetections) {
      for (const { index, count, mean, lowest, highest } of buckets) {
        const scores = inBucket(name, analyzerId, index);
        expect([count, lowest, highest]).toEqual([scores.length, Math.min(...scores), Math.max(...scores)]);
        expect(mean).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 6);
      }
    }
  });

  it('takes what comes late to what is packed', async () => {
    const [{ streamId, epochId, runIds }] = streams as [(typeof streams)[0]];
    const path = `/api/streams/${streamId}/metrics?limit=1000&name=late&from=${at(0)}&to=${at(2_000)}`;
    expect(await pages(path)).toEqual([]);
    const late = (second: number): Promise<unknown> =>
      api.sql.query(
        `INSERT INTO metrics (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, name, unit, value)
         VALUES ($1::timestamptz + $2 * interval '1 second', $3, $4, $5, $6, 'vedette.test.look', 1400000 + $2 * 1000000, 'late', '1', $2)`,
        [STARTED_AT.toISOString(), second, runIds[0], 5000 + second, streamId, epochId],
      );
    for (const second of [3, 50, 1]) await late(second);
    const told = await pages(path);
    expect(told.map((item) => (item as { value: number }).value)).toEqual([1, 3, 50]);
    expect(await api.app.get(LedgerArchiver, { strict: false }).pack()).toMatchObject({ rows: 3 });
    expect(await pages(path)).toEqual(told);
    await late(2);
    expect((await pages(`${path}&order=desc`)).map((item) => (item as { value: number }).value)).toEqual([50, 3, 2, 1]);
  });
});
