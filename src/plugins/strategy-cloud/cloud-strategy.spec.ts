import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CloudStrategy } from './cloud-strategy.js';
import { HttpProvider } from './http/http-provider.js';
import { httpConfig } from './http/config.js';
import { KnownSecrets } from './known-secrets.js';
import { Outbound } from './outbound.js';
import {
  failureOf,
  FakeEgress,
  FakeSampler,
  FakeSecrets,
  jobOf,
  never,
  openCloud,
  PICTURES,
  resultsOf,
  taskOf,
} from './testing/cloud-bench.js';
import { ScriptedServer, silence, status, type Arrived } from './testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const open = (more: Record<string, unknown> = {}, parts = {}) =>
  openCloud(
    'cloud-http',
    { endpoint: server.url, pricePerPicture: 0.01, tasks: ['object', 'label'], bearer: { env: 'KEY' }, retries: 0, ...more },
    parts,
  );
const box = { x: 0, y: 0, width: 0.5, height: 0.5 };
const seen = (request: Arrived): unknown => {
  const { pictures, task } = request.json();
  return {
    results: pictures.map(({ ptsUs }: { ptsUs: number }) =>
      task === 'label'
        ? { type: 'classification', ptsUs, data: { label: 'street', score: 0.9 } }
        : { type: 'detection', ptsUs, label: 'car', score: 0.9, box },
    ),
  };
};

describe(CloudStrategy.name, () => {
  it('refuses a private stream before anything is decoded or sent', async () => {
    const { strategy, sampler } = await open();
    const job = jobOf('object');
    expect(await failureOf(strategy, { ...job, stream: { ...job.stream, isPrivate: true } })).toMatchObject({
      code: 'VD_CLOUD_PRIVATE',
      retryable: false,
    });
    expect([sampler.asked, server.arrived]).toEqual([[], []]);
  });

  it('asks for pictures as its config says, and has its budget from there', async () => {
    server.play(seen);
    const { strategy, sampler } = await open({
      pictures: { fps: 2, maxPictures: 6, maxSidePx: 800, quality: 70, maxBytes: '200kB' },
      budget: { perDay: 2.5, perMonth: 40 },
    });
    await resultsOf(strategy, jobOf('object'));
    expect(sampler.asked).toEqual([{ fps: 2, maxPictures: 6, maxSidePx: 800, quality: 70, maxBytes: 200_000 }]);
    expect(strategy.budget).toEqual({ perDay: 2.5, perMonth: 40 });
    expect((await open()).strategy.budget).toEqual({ perDay: 1 });
  });

  it('answers for all analyzers of a job, each with what it asked for, a picture sent once for each task', async () => {
    server.play(seen);
    const { strategy } = await open();
    const twice = { ...taskOf('object'), runId: 'other', config: { only: ['bus'] } };
    const outcome = await strategy.execute(jobOf('object', 'label', twice, 'motion'), never);
    expect(outcome.tasks.map(({ runId, status: how }) => [runId, how])).toEqual([
      ['run-object', 'done'],
      ['run-label', 'done'],
      ['other', 'done'],
      ['run-motion', 'failed'],
    ]);
    expect(outcome.tasks).toMatchObject([
      { results: [{ label: 'car' }, {}] },
      { results: [{ data: { label: 'street' } }, {}] },
      { results: [] },
      { code: 'VD_CLOUD_TASK' },
    ]);
    expect(server.arrived.map((one) => one.json().task).sort()).toEqual(['label', 'object']);
    expect(outcome.cost).toBeCloseTo(0.04);
  });

  it('takes no analyzer that keeps state or waits for a gate', async () => {
    const { strategy } = await open();
    const task = taskOf('object');
    expect(strategy.supports(task)).toBe(true);
    expect(strategy.supports({ ...task, when: 'motion' })).toBe(false);
    expect(strategy.supports({ ...task, checkpoint: { epochId: 'e', sequence: 0, data: {} } })).toBe(false);
    expect(strategy.supports(taskOf('text'))).toBe(false);
  });

  it('quotes all that a job can cost: every picture, every task, every try', async () => {
    const { strategy } = await open({ retries: 2, pictures: { fps: 1, maxPictures: 4 } });
    expect(await strategy.quote!(jobOf('object', 'label'))).toEqual({
      startDelayMs: 0,
      costPerJob: expect.closeTo(3 * 2 * 3 * 0.01) as number,
    });
    const still = jobOf('object');
    expect((await strategy.quote!({ ...still, segment: { ...still.segment, frameCount: 1 } })).costPerJob).toBeCloseTo(3 * 0.01);
    server.play(status(500));
    expect((await failureOf(strategy, jobOf('object'))).cost).toBeLessThanOrEqual((await strategy.quote!(jobOf('object'))).costPerJob);
  });

  it('skips what has no picture, and has nothing to say where none falls into the segment', async () => {
    const empty = await open({}, { sampler: new FakeSampler({ pictures: [], expected: 0, cpuMs: 1 }) });
    expect(await resultsOf(empty.strategy, jobOf('object'))).toMatchObject({
      status: 'done',
      results: [],
      framesSeen: 0,
      framesExpected: 0,
    });
    const job = jobOf('object');
    const outcome = await empty.strategy.execute({ ...job, segment: { ...job.segment, frameCount: 0 } }, never);
    expect(outcome.tasks).toMatchObject([{ status: 'skipped', reason: expect.stringContaining('no_video') as string }]);
    expect(server.arrived).toEqual([]);
  });

  it('says what damage left out, and fails where it left nothing', async () => {
    server.play(seen);
    const some = await open({}, { sampler: new FakeSampler({ pictures: PICTURES, expected: 5, cpuMs: 1 }) });
    expect(await resultsOf(some.strategy, jobOf('object'))).toMatchObject({
      status: 'partial',
      framesSeen: 2,
      framesExpected: 5,
      reason: '3 of 5 pictures damaged or missing',
    });
    const none = await open({}, { sampler: new FakeSampler({ pictures: [], expected: 5, cpuMs: 1 }) });
    expect(await failureOf(none.strategy, jobOf('object'))).toMatchObject({ code: 'VD_MEDIA_UNREADABLE', retryable: false });
  });

  it('counts what was sent and got no answer, try by try', async () => {
    server.play(status(500), seen);
    const { strategy } = await open({ retries: 1 });
    const outcome = await strategy.execute(jobOf('object'), never);
    expect(outcome.tasks[0]?.status).toBe('done');
    expect(outcome.cost).toBeCloseTo(0.04);
    server.play(status(500));
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({
      code: 'VD_CLOUD_SERVER',
      retryable: true,
      cost: expect.closeTo(0.04) as number,
    });
    server.play(status(429));
    expect((await failureOf(strategy, jobOf('object'))).cost ?? 0).toBe(0);
  });

  it('tells with its error what was spent before it was called off', async () => {
    server.play(seen, silence);
    const { strategy } = await open({ picturesPerRequest: 1, concurrency: 1 });
    const controller = new AbortController();
    const settled = strategy.execute(jobOf('object'), controller.signal).catch((error: unknown) => error);
    server.play(seen, (...call) => (controller.abort(), silence(...call)));
    expect(await settled).toMatchObject({ code: 'VD_CLOUD_ABORTED', cost: expect.closeTo(0.02) as number });
  });

  it('stops at the job’s time with what it has', async () => {
    server.play(seen, silence);
    const { strategy } = await open({ picturesPerRequest: 1, concurrency: 1, timeout: '300ms', jobTimeout: '200ms' });
    expect(await resultsOf(strategy, jobOf('object'))).toMatchObject({
      status: 'partial',
      framesSeen: 1,
      reason: expect.stringContaining('VD_CLOUD_TIMEOUT') as string,
    });
  });

  it('does not ask again at once after bad credentials', async () => {
    const secrets = new FakeSecrets({ KEY: 'sk-the-old-one' });
    server.play((request, response) =>
      request.headers.authorization === 'Bearer sk-the-new-one' ? seen(request) : status(401, 'no such key')(request, response),
    );
    const { strategy, sampler } = await open({}, { secrets });
    secrets.values['KEY'] = 'sk-the-new-one';
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({ code: 'VD_CLOUD_CREDENTIALS', retryable: false });
    expect(await strategy.health()).toMatchObject({ status: 'down', detail: expect.stringContaining('VD_CLOUD_CREDENTIALS') as string });
    expect((await failureOf(strategy, jobOf('object'))).message).toContain('not asked again for');
    expect([sampler.asked.length, server.arrived.length]).toEqual([1, 1]);
  });

  it('reads the secret anew after it turned out to be bad, and is up again when it works', async () => {
    const secrets = new FakeSecrets({ KEY: 'sk-the-old-one' });
    server.play((request, response) =>
      request.headers.authorization === 'Bearer sk-the-new-one' ? seen(request) : status(401, 'no such key')(request, response),
    );
    const outbound = new Outbound(new FakeEgress(), { timeoutMs: 5_000, maxAnswerBytes: 1_000 });
    const config = httpConfig.parse({ endpoint: server.url, pricePerPicture: 0, bearer: { env: 'KEY' } });
    let nowMs = 0;
    const strategy = await CloudStrategy.open({
      ...{ id: 'cloud-http', settings: config, outbound, sampler: new FakeSampler(), nowMs: () => nowMs },
      connect: () => Promise.resolve(HttpProvider.connect(config, new KnownSecrets(secrets), outbound)),
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    secrets.values['KEY'] = 'sk-the-new-one';
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({ code: 'VD_CLOUD_CREDENTIALS' });
    nowMs += 15_000;
    expect(strategy.health().status).toBe('degraded');
    expect(await resultsOf(strategy, jobOf('object'))).toMatchObject({ status: 'done', framesSeen: 2 });
    expect(strategy.health()).toEqual({ status: 'up' });
  });

  it('has one request of a job find out that the key is bad', async () => {
    server.play(status(403));
    const { strategy } = await open({ picturesPerRequest: 1, concurrency: 1 });
    await failureOf(strategy, jobOf('object'));
    expect(server.arrived).toHaveLength(1);
  });

  it('leaves a provider alone for as long as it asks, without decoding', async () => {
    server.play(status(429, {}, { 'retry-after': '120' }));
    const { strategy, sampler } = await open({ retries: 3 });
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({ code: 'VD_CLOUD_QUOTA' });
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({
      code: 'VD_CLOUD_QUOTA',
      message: expect.stringContaining('not asked again for 120 s') as string,
    });
    expect([sampler.asked.length, server.arrived.length]).toEqual([1, 1]);
    expect((await strategy.health()).status).toBe('down');
  });

  it('is not opened towards a host that is not on the list, and sends nothing once it is taken off', async () => {
    await expect(open({}, { egress: new FakeEgress([]) })).rejects.toMatchObject({ code: 'VD_EGRESS_REFUSED' });
    const allow = ['127.0.0.1'];
    const { strategy } = await open({}, { egress: new FakeEgress(allow) });
    allow.length = 0;
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({ code: 'VD_EGRESS_REFUSED' });
    expect(server.arrived).toEqual([]);
  });

  it('keeps secrets out of errors, logs and health, whatever the provider echoes', async () => {
    server.play(status(401, 'bad key sk-very-secret-key'), status(500, 'trouble with sk-very-secret-key'));
    const { strategy, logged } = await open();
    const failures = [await failureOf(strategy, jobOf('object')), await failureOf(strategy, jobOf('object'))];
    expect(JSON.stringify([failures, logged, await strategy.health()])).not.toContain('sk-very-secret');
  });

  it('holds requests of a job to its limit at once', async () => {
    let [underWay, most] = [0, 0];
    const release: (() => void)[] = [];
    server.play(async (request) => {
      most = Math.max(most, ++underWay);
      if (most < 2) await new Promise<void>((resolve) => release.push(resolve));
      else release.splice(0).forEach((go) => go());
      underWay--;
      return seen(request);
    });
    const pictures = Array.from({ length: 6 }, (_, i) => ({ ...PICTURES[0]!, ptsUs: i }));
    const { strategy } = await open(
      { picturesPerRequest: 1, concurrency: 2 },
      { sampler: new FakeSampler({ pictures, expected: 6, cpuMs: 1 }) },
    );
    const task = await resultsOf(strategy, jobOf('object'));
    expect(most).toBe(2);
    expect(task.results.map(({ ptsUs }) => ptsUs)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
