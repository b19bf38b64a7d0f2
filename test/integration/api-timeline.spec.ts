import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

describe('the timeline by REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let rest: RestReader;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    rest = new RestReader(api, await api.signIn());
  });
  afterAll(() => api.stop());

  let streamId: string;
  let epochId: string;
  const startedAt = new Date(Date.now() - 120_000);
  beforeAll(async () => {
    streamId = await seed.stream({ name: 'timeline' });
    epochId = await seed.epoch(streamId, { startedAt });
    for (let sequence = 0; sequence < 10; sequence += 1) {
      const segmentId = await seed.segment(streamId, epochId, sequence, sequence === 7 ? 'unreadable' : 'ready');
      await seed.run(segmentId, sequence % 2 === 0 ? ['cat', 'dog'] : ['cat'], { score: 0.1 * sequence });
    }
  });

  const lists = {
    epochs: wire.epochWire,
    segments: wire.segmentWire,
    runs: wire.runWire,
    detections: wire.detectionWire,
    metrics: wire.metricWire,
    events: wire.eventWire,
    observations: wire.observationWire,
  } as const;
  const counts = { epochs: 1, segments: 10, runs: 10, detections: 15, metrics: 15, events: 10, observations: 0 } as const;

  it.each(Object.keys(lists) as (keyof typeof lists)[])('serves %s page by page, both ways, each row once', async (list) => {
    for (const order of ['asc', 'desc']) {
      const keys: string[] = [];
      let after: string | null = null;
      do {
        const query: string = `limit=3&order=${order}` + (after === null ? '' : `&after=${after}`);
        const page: wire.Page<Record<string, unknown>> = await rest.get(
          `/api/streams/${streamId}/${list}?${query}`,
          wire.pageOf(lists[list].strict() as unknown as z.ZodType<Record<string, unknown>>).strict(),
        );
        expect(page.items.length).toBeLessThanOrEqual(3);
        keys.push(...page.items.map((item) => JSON.stringify([item['id'], item['runId'], item['ordinal']])));
        after = page.next;
      } while (after !== null);
      expect(keys).toHaveLength(counts[list]);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('finds exactly the frames of a pts range', async () => {
    const path = `/api/streams/${streamId}/detections?epochId=${epochId}`;
    const page = wire.pageOf(wire.detectionWire);
    const from = 1_400_000 + 2 * 2_000_000;
    expect((await rest.get(`${path}&fromPtsUs=${from}&toPtsUs=${from + 1}`, page)).items.map((d) => d.ptsUs)).toEqual([from]);
    expect((await rest.get(`${path}&fromPtsUs=${from}&toPtsUs=${from + 100_000}`, page)).items.map((d) => d.ptsUs)).toEqual([from]);
    expect((await rest.get(`${path}&fromPtsUs=${from}&toPtsUs=${from + 2_000_000}`, page)).items.map((d) => d.ptsUs)).toEqual([
      from,
      from + 100_000,
    ]);
    expect((await rest.get(`${path}&fromPtsUs=${from + 100_001}&toPtsUs=${from + 2_000_000}`, page)).items).toEqual([]);
  });

  it('gives the segments that a range touches', async () => {
    const page = wire.pageOf(wire.segmentWire);
    const at = (ms: number) => encodeURIComponent(new Date(startedAt.getTime() + ms).toISOString());
    expect(
      (await rest.get(`/api/streams/${streamId}/segments?from=${at(3_000)}&to=${at(4_500)}`, page)).items.map((s) => s.sequence),
    ).toEqual([1, 2]);
    const origin = 1_400_000;
    expect(
      (
        await rest.get(
          `/api/streams/${streamId}/segments?epochId=${epochId}&fromPtsUs=${origin + 3_000_000}&toPtsUs=${origin + 4_500_000}`,
          page,
        )
      ).items.map((s) => s.sequence),
    ).toEqual([1, 2]);
    expect((await rest.get(`/api/streams/${streamId}/segments?state=unreadable`, page)).items.map((s) => s.sequence)).toEqual([7]);
  });

  it('filters by label, name, score, analyzer, state and segment', async () => {
    const base = `/api/streams/${streamId}`;
    expect((await rest.get(`${base}/detections?label=dog`, wire.pageOf(wire.detectionWire))).items).toHaveLength(5);
    expect(
      (await rest.get(`${base}/detections?label=dog,cat&minScore=0.85`, wire.pageOf(wire.detectionWire))).items.map((d) =>
        d.score.toFixed(1),
      ),
    ).toEqual(['0.9']);
    expect((await rest.get(`${base}/metrics?name=brightness&name=contrast`, wire.pageOf(wire.metricWire))).items).toHaveLength(15);
    expect((await rest.get(`${base}/metrics?name=contrast`, wire.pageOf(wire.metricWire))).items).toHaveLength(0);
    expect((await rest.get(`${base}/events?state=closed`, wire.pageOf(wire.eventWire))).items).toHaveLength(0);
    expect(
      (await rest.get(`${base}/runs?state=done,partial&queue=default&analyzerId=vedette.test.look`, wire.pageOf(wire.runWire))).items,
    ).toHaveLength(10);
    const segment = (await rest.get(`${base}/segments?limit=1`, wire.pageOf(wire.segmentWire))).items[0];
    expect((await rest.get(`${base}/runs?segmentId=${segment?.id}`, wire.pageOf(wire.runWire))).items).toHaveLength(1);
  });

  it('does not serve one stream through another', async () => {
    const other = await seed.stream({ name: 'other' });
    expect(await rest.refusal('GET', `/api/streams/${other}/segments?epochId=${epochId}`)).toMatchObject({
      status: 404,
      code: 'VD_API_NOT_FOUND',
    });
    expect((await rest.get(`/api/streams/${other}/runs`, wire.pageOf(wire.runWire))).items).toEqual([]);
    expect((await rest.refusal('GET', `/streaming/${other}/${epochId}/index.m3u8`)).status).toBe(404);
    expect((await rest.refusal('GET', `/streaming/${other}/${epochId}/000000.ts`)).status).toBe(404);
  });

  it.each([
    'limit=100000',
    'limit=0',
    'limit=-1',
    'limit=1e3',
    'limit=1;DROP TABLE streams',
    'limit=5&limit=6',
    "label=a'--&fields=*",
    'sort=at;DROP TABLE feed',
    'order=at',
    "order=asc'",
    'after=1',
    'after=x',
    "after=1.1.1'",
    'after=99999999999999999999.1.1',
    'epochId=1',
    `epochId=${'%27'} OR 1=1`,
    'fromPtsUs=abc',
    'fromPtsUs=1',
    'fromPtsUs=99999999999999999999',
    'from=yesterday',
    'from=2026-01-01',
    'minScore=2',
    'minScore=NaN',
    'minScore=1 OR 1=1',
    'label[]=x',
    'label[$ne]=x',
    '__proto__[x]=1',
    'unknown=1',
  ])('refuses the filter %s', async (query) => {
    expect(await rest.refusal('GET', `/api/streams/${streamId}/detections?${query}`)).toMatchObject({
      status: 400,
      code: 'VD_API_INVALID',
    });
  });

  it('takes quotes and wildcards in a label as they are', async () => {
    for (const label of ["' OR '1'='1", '%', "cat'; DELETE FROM detections; --", '\\', '__proto__']) {
      expect(
        (await rest.get(`/api/streams/${streamId}/detections?label=${encodeURIComponent(label)}`, wire.pageOf(wire.detectionWire))).items,
      ).toEqual([]);
    }
  });

  it('refuses a range of ten years', async () => {
    expect(
      await rest.refusal('GET', `/api/streams/${streamId}/detections?from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`),
    ).toMatchObject({
      status: 400,
      code: 'VD_API_RANGE_TOO_WIDE',
    });
    expect(await rest.refusal('GET', `/api/streams/${streamId}/events?from=2016-01-01T00:00:00Z`)).toMatchObject({
      status: 400,
      code: 'VD_API_RANGE_TOO_WIDE',
    });
  });
});
