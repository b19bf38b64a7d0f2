import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiControllers, buildOpenApi } from '../../src/core/api/index.js';
import { ApiApp } from '../support/api-app.js';
import { hostileRequests, type HostileRequest, type OpenApiDocument } from '../support/api/hostile-requests.js';
import { LedgerSeed } from '../support/ledger-seed.js';

const TRIANGLE = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.5, 0.9],
];
/** Requests under way at a time. */
const AT_ONCE = 8;
/** They sign the test itself out, or make it wait for having guessed. */
const APART = new Set(['signIn', 'signOut']);
/** Busy, or a part of the system is not there: said in so many words, and no fault of the request. */
const SAID = new Set([502, 503, 508]);

describe('a request with a value that nobody means', () => {
  let api: ApiApp;
  let requests: HostileRequest[];
  let bearer: string;

  beforeAll(async () => {
    api = await ApiApp.start();
    bearer = (await api.apiToken('admin')).token;
    const seed = new LedgerSeed(api.sql);
    await seed.partitions();
    const streamId = await seed.stream();
    const epochId = await seed.epoch(streamId);
    await seed.segment(streamId, epochId, 1);
    const document = JSON.parse(JSON.stringify(buildOpenApi(apiControllers, '0'))) as OpenApiDocument;
    const names = { name: 'cam-1', adapterId: 'rtmp', analyzerId: 'vedette.test.look', queue: 'default', variant: 'default', query: 'a' };
    const zone = { kind: 'zone', points: TRIANGLE };
    const known = { id: streamId, streamId, epochId, ptsUs: 0, ruleId: randomUUID(), file: '000001.ts', slug: 'nginx', ...names, ...zone };
    requests = hostileRequests(document, known).filter(
      ({ method, path, operationId }) => !APART.has(operationId) && !(method === 'DELETE' && path === `/api/streams/${streamId}`),
    );
  });
  afterAll(() => api.stop());

  it('is refused as such, whichever route and value: nothing answers 500', { timeout: 180_000 }, async () => {
    const faults: string[] = [];
    const statuses: Record<number, number> = {};
    const waiting = [...requests].reverse();
    const worker = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { method, path, body, what, operationId } = next;
        const response = await api.call(method, path, { bearer, ...(body === undefined ? {} : { body }) });
        await response.arrayBuffer();
        statuses[response.status] = (statuses[response.status] ?? 0) + 1;
        if (response.status >= 500 && !SAID.has(response.status)) faults.push(`${response.status} ${operationId}: ${what}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(faults).toEqual([]);
    expect(requests.length).toBeGreaterThan(2_000);
    expect(statuses[400]).toBeGreaterThan(requests.length / 2);
  });
});
