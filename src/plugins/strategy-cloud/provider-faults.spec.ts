import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, FakeSecrets, jobOf, never, openCloud, type Bench } from './testing/cloud-bench.js';
import { PROVIDER_WIRES } from './testing/provider-wires.js';
import { cut, flood, ScriptedServer, silence, status, type Script } from './testing/scripted-server.js';

let server: ScriptedServer;
let elsewhere: ScriptedServer;
beforeEach(async () => {
  [server, elsewhere] = await Promise.all([ScriptedServer.start(), ScriptedServer.start(() => ({}))]);
});
afterEach(() => Promise.all([server.close(), elsewhere.close()]));

const SECRET = 'a-secret-that-nobody-may-see';

/** Through the provider's own SDK, where it has one. */
const open = (id: string, more: Record<string, unknown> = {}): Promise<Bench> =>
  openCloud(
    id,
    { ...PROVIDER_WIRES[id]!.config(server.url), retries: 0, concurrency: 1, ...more },
    { secrets: new FakeSecrets({ CLOUD_TEST_KEY: SECRET }) },
  );

const FAULTS: readonly [string, () => Script, string, { retryable: boolean; isPaid: boolean }][] = [
  ['a 403', () => status(403, { error: { message: `no, ${SECRET}` } }), 'VD_CLOUD_CREDENTIALS', { retryable: false, isPaid: false }],
  ['a 429', () => status(429, { error: { message: 'slower' } }), 'VD_CLOUD_QUOTA', { retryable: true, isPaid: false }],
  ['a 500', () => status(500, { error: { message: `oops, ${SECRET}` } }), 'VD_CLOUD_SERVER', { retryable: true, isPaid: true }],
  [
    'a 502 of a proxy',
    () => status(502, `<html>${SECRET}</html>`, { 'content-type': 'text/html' }),
    'VD_CLOUD_SERVER',
    { retryable: true, isPaid: true },
  ],
  [
    'half an answer',
    () => status(200, '{"responses":[{"Labels":[{"choices":[{"results":['),
    'VD_CLOUD_UNREADABLE',
    { retryable: true, isPaid: true },
  ],
  ['an answer of another kind', () => status(200, '"hello"'), 'VD_CLOUD_UNREADABLE', { retryable: true, isPaid: true }],
  ['10 MB', () => flood(10_000_000), 'VD_CLOUD_UNREADABLE', { retryable: true, isPaid: true }],
  ['silence', () => silence, 'VD_CLOUD_TIMEOUT', { retryable: true, isPaid: true }],
  ['a cut connection', () => cut(), 'VD_CLOUD_UNREACHABLE', { retryable: true, isPaid: true }],
  ['a connection cut in the middle', () => cut(true), 'VD_CLOUD_UNREACHABLE', { retryable: true, isPaid: true }],
  [
    'a redirect elsewhere',
    () => status(307, '', { location: `${elsewhere.url}/here?${SECRET}` }),
    'VD_CLOUD_REDIRECTED',
    { retryable: false, isPaid: false },
  ],
];

describe.each(Object.keys(PROVIDER_WIRES))('%s', (id) => {
  it.each(FAULTS)('meets %s', async (_, script, code, { retryable, isPaid }) => {
    server.play(script());
    const { strategy, logged } = await open(id, code === 'VD_CLOUD_TIMEOUT' ? { timeout: '400ms' } : {});
    const failure = await failureOf(strategy, jobOf('object'));
    expect(failure).toMatchObject({ code, retryable });
    expect((failure.cost ?? 0) > 0).toBe(isPaid);
    expect(JSON.stringify([failure, logged, await strategy.health()])).not.toContain(SECRET);
    expect(elsewhere.arrived).toHaveLength(0);
  });

  it('comes through a 429 with Retry-After, after the time that is asked for', async () => {
    const atMs: number[] = [];
    server.play(
      (...call) => (atMs.push(performance.now()), status(429, {}, { 'retry-after': '0.3' })(...call)),
      (...call) => (atMs.push(performance.now()), PROVIDER_WIRES[id]!.script(...call)),
    );
    const { strategy } = await open(id, { retries: 1 });
    const { tasks } = await strategy.execute(jobOf('object'), never);
    expect(tasks).toMatchObject([{ status: 'done', framesSeen: 2 }]);
    expect(atMs[1]! - atMs[0]!).toBeGreaterThanOrEqual(295);
  });

  it('ends soon after it is called off', async () => {
    server.play(silence);
    const { strategy } = await open(id);
    const controller = new AbortController();
    server.play(() => controller.abort());
    const startMs = performance.now();
    await expect(strategy.execute(jobOf('object'), controller.signal)).rejects.toMatchObject({ code: 'VD_CLOUD_ABORTED' });
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});
