import type { ServerHttp2Stream } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisJob } from '../../../src/core/plugin-api/index.js';
import { FAKE_ANALYZER, fakeJob, FakeHostPool } from '../../support/fakes/fake-host-pool.js';
import { say, ScriptedHost } from '../../support/remote/scripted-host.js';
import { openStrategy, startWorkerHost, urlOf, type OpenStrategy } from '../../support/remote/worker-hosts.js';
import { until } from '../../support/until.js';

const never = new AbortController().signal;
const accepted = { type: 'accepted' };
const end = { type: 'end', wallMs: 1, cpuMs: 1, decodeCpuMs: 0, executedBy: 'x' };
const done = (runId: string, more: object = {}): object => ({
  type: 'task',
  outcome: { runId, status: 'done', framesSeen: 1, framesExpected: 1, cpuMs: 1, ...more },
});
const results = (runId: string, ...all: (object | string)[]): object => ({ type: 'results', runId, results: all });
const metric = { type: 'metric', ptsUs: 0, name: 'x', value: 1, unit: '1' };
const detection = (box: object, more: object = {}): object => ({ type: 'detection', ptsUs: 0, label: 'x', score: 1, box, ...more });
const whole = { x: 0, y: 0, width: 1, height: 1 };

/** What a host may say of job `id` that has the run `run`, and must not. */
const LIES: Readonly<Record<string, (run: string) => readonly (object | string)[]>> = {
  'a run that is not in the job': (run) => [accepted, results('another-run', metric), done(run), end],
  'the end of a run that is not in the job': (run) => [accepted, done('another-run'), done(run), end],
  'a run that ends twice': (run) => [accepted, done(run), done(run), end],
  'two ends': (run) => [accepted, done(run), end, end],
  'results after the end of their run': (run) => [accepted, done(run), results(run, metric), end],
  'results of a run that failed': (run) => [
    accepted,
    results(run, metric),
    { type: 'task', outcome: { runId: run, status: 'failed', code: 'VD_X_Y', message: '', retryable: true } },
    end,
  ],
  'an end without a word of the run': () => [accepted, end],
  'no end': (run) => [accepted, done(run)],
  'an end before it accepted': (run) => [done(run), end],
  'that it accepted twice': (run) => [accepted, accepted, done(run), end],
  'a line that is not JSON': (run) => [accepted, '{nonsense', done(run), end],
  NaN: (run) => [
    accepted,
    `{"type":"results","runId":${JSON.stringify(run)},"results":[{"type":"metric","ptsUs":0,"name":"x","value":NaN,"unit":"1"}]}`,
    done(run),
    end,
  ],
  infinity: (run) => [
    accepted,
    `{"type":"results","runId":${JSON.stringify(run)},"results":[{"type":"metric","ptsUs":0,"name":"x","value":1e999,"unit":"1"}]}`,
    done(run),
    end,
  ],
  'a box beyond the frame': (run) => [accepted, results(run, detection({ ...whole, width: 1.5 })), done(run), end],
  'a box before the frame': (run) => [accepted, results(run, detection({ ...whole, x: -0.1 })), done(run), end],
  'a score of 2': (run) => [accepted, results(run, detection(whole, { score: 2 })), done(run), end],
  'a pts that is no integer': (run) => [accepted, results(run, { ...metric, ptsUs: 0.5 }), done(run), end],
  'an unknown kind of result': (run) => [accepted, results(run, { type: 'spell', ptsUs: 0 }), done(run), end],
  'frames less than none': (run) => [accepted, done(run, { framesSeen: -1 }), end],
  'a time less than none': (run) => [accepted, done(run), { ...end, cpuMs: -1 }],
  'data deeper than any stack': (run) => [
    accepted,
    `{"type":"results","runId":${JSON.stringify(run)},"results":[{"type":"text","ptsUs":0,"data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]}`,
    done(run),
    end,
  ],
  'a line without an end': () => [accepted, `"${'x'.repeat(9 * 1024 * 1024)}`],
  'a million results': (run) => [
    accepted,
    ...Array.from({ length: 100 }, () => results(run, ...Array.from({ length: 10_000 }, () => metric))),
    done(run),
    end,
  ],
  'a wish for reference images that no task has': () => [accepted, { type: 'references.wanted', kind: 'logo', revision: 1 }],
};

describe('a worker host that fails', () => {
  const open: { close?(): unknown }[] = [];
  const keep = <T extends { close?(): unknown }>(one: T): T => {
    open.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close?.();
  });

  const scripted = async (onJob: (stream: ServerHttp2Stream, job: AnalysisJob) => void): Promise<ScriptedHost> =>
    keep(await ScriptedHost.start({ analyzers: [FAKE_ANALYZER], onJob, name: 'bad' }));
  const strategyWith = async (...urls: string[]): Promise<OpenStrategy> =>
    keep(await openStrategy({ hosts: urls.map((url) => ({ url })) }));
  const good = async (): Promise<{ url: string; pool: FakeHostPool }> => {
    const pool = new FakeHostPool(1);
    return { url: urlOf(keep(await startWorkerHost(pool, { analyzers: [FAKE_ANALYZER], name: 'good' }))), pool };
  };
  const of = (strategy: OpenStrategy, url: string): any => strategy.report().hosts.find((host: { url: string }) => host.url === url);

  it.each(Object.keys(LIES))('by telling of %s is a liar: nothing of it is used, and it is left alone', async (lie) => {
    const bad = await scripted((stream, job) => say(stream, ...LIES[lie]!(job.tasks[0]!.runId)));
    const strategy = await strategyWith(bad.url);
    await expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({ code: 'VD_REMOTE_LIED', retryable: true });
    expect(strategy.health()).toMatchObject({ status: 'down', detail: expect.stringContaining('VD_REMOTE_LIED') });
    await until('it to be connected again', () => of(strategy, bad.url).state === 'resting');
    await expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({ code: 'VD_REMOTE_NO_HOST' });
    expect(bad.jobs).toBe(1);
  });

  it('by lying loses its job to one that does not', async () => {
    const bad = await scripted((stream) => say(stream, accepted, end));
    const { url, pool } = await good();
    const strategy = await strategyWith(bad.url, url);
    const outcomes = await Promise.all(Array.from({ length: 6 }, (_, i) => strategy.execute(fakeJob({ streamId: `s${i}` }), never)));
    expect(outcomes.map(({ executedBy }) => executedBy)).toEqual(Array.from({ length: 6 }, () => 'good: fake'));
    expect(bad.jobs).toBeGreaterThan(0);
    expect(pool.jobs).toHaveLength(6);
    expect(strategy.health()).toMatchObject({ status: 'degraded', detail: expect.stringContaining('VD_REMOTE_LIED') });
  });

  it('by accepting a job and never answering loses it after three seconds, and after three of them gets no more', async () => {
    const hanging: ServerHttp2Stream[] = [];
    const bad = await scripted((stream) => {
      hanging.push(stream);
      stream.write(`${JSON.stringify(accepted)}\n`);
    });
    const strategy = await strategyWith(bad.url);
    const startedMs = performance.now();
    const ends = await Promise.allSettled(Array.from({ length: 3 }, (_, i) => strategy.execute(fakeJob({ streamId: `s${i}` }), never)));
    expect(ends.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : one.status))).toEqual(
      Array.from({ length: 3 }, () => 'VD_REMOTE_HUNG'),
    );
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    expect(strategy.health()).toMatchObject({ status: 'down' });
    expect(strategy.quote!(fakeJob())).toMatchObject({ startDelayMs: 60_000 });
    await until('the jobs to be called off there', () => hanging.every((stream) => stream.closed));
  });

  it('gets one job to try when it has rested, and is back when that goes well', async () => {
    let isWell = false;
    const bad = await scripted((stream, job) =>
      isWell ? say(stream, accepted, done(job.tasks[0]!.runId), end) : say(stream, accepted, end),
    );
    const strategy = await strategyWith(bad.url);
    await expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({ code: 'VD_REMOTE_LIED' });
    isWell = true;
    await until('it to have rested', async () => (await strategy.quote!(fakeJob())).startDelayMs < 60_000, 12_000);
    expect(of(strategy, bad.url).state).toBe('resting');
    expect((await strategy.execute(fakeJob(), never)).tasks).toHaveLength(1);
    expect(of(strategy, bad.url).state).toBe('up');
  });

  it('by telling of errors that are the segment’s is not to blame', async () => {
    const bad = await scripted((stream) =>
      say(stream, accepted, { type: 'failed', code: 'VD_ANALYSIS_TIMEOUT', message: 'too slow', retryable: true }),
    );
    const { url, pool } = await good();
    const strategy = await strategyWith(bad.url);
    for (let i = 0; i < 4; i++)
      await expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({
        code: 'VD_ANALYSIS_TIMEOUT',
        message: 'bad: too slow',
        retryable: true,
      });
    expect(of(strategy, bad.url).state).toBe('up');
    // It might bring down one machine after another.
    const both = await strategyWith(bad.url, url);
    const ends = await Promise.allSettled([
      both.execute(fakeJob({ streamId: 'a' }), never),
      both.execute(fakeJob({ streamId: 'b' }), never),
    ]);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(pool.jobs).toHaveLength(1);
  });

  it('by lacking a model gives the other tasks’ results, and the one without goes elsewhere', async () => {
    const bad = await scripted((stream, { tasks }) =>
      say(
        stream,
        accepted,
        ...tasks.map(({ runId }, i) =>
          i === 0
            ? { type: 'task', outcome: { runId, status: 'failed', code: 'VD_MODEL_NOT_FOUND', message: 'x.onnx', retryable: false } }
            : done(runId),
        ),
        end,
      ),
    );
    const alone = await strategyWith(bad.url);
    const job = { ...fakeJob({ tasks: 2 }) };
    const withHashes = { ...job, tasks: job.tasks.map((task, i) => ({ ...task, configHash: `h${i}` })) };
    const outcome = await alone.execute(withHashes, never);
    expect(outcome.tasks.find(({ runId }) => runId === withHashes.tasks[0]!.runId)).toMatchObject({
      status: 'failed',
      code: 'VD_REMOTE_CANNOT',
      retryable: true,
      message: expect.stringContaining('VD_MODEL_NOT_FOUND'),
    });
    expect(outcome.tasks.find(({ runId }) => runId === withHashes.tasks[1]!.runId)).toMatchObject({ status: 'done' });
    expect(withHashes.tasks.map((task) => alone.supports(task))).toEqual([false, true]);
    expect(alone.health()).toMatchObject({ status: 'up' });

    const { url, pool } = await good();
    const both = await strategyWith(bad.url, url);
    let ends = await both.execute(withHashes, never);
    if (bad.jobs === 1) ends = await both.execute({ ...withHashes, stream: { ...withHashes.stream, streamId: 'other' } }, never);
    expect(ends.tasks.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(pool.jobs.length).toBeGreaterThan(0);
  });
});
