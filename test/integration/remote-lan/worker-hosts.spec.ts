import { connect as connectHttp2 } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  AnalysisJob,
  AnalysisOutcome,
  Checkpoint,
  JsonObject,
  ReferenceImage,
  References,
  StrategyHealth,
  TaskOutcome,
} from '../../../src/core/plugin-api/index.js';
import { CodedError, isEvidence, RESULT_LIMITS } from '../../../src/core/plugin-api/index.js';
import { HeldReferences } from '../../../src/core/brands/held-references.js';
import { PROTOCOL_VERSION } from '../../../src/core/worker-host/protocol/limits.js';
import { exporterOf, newNonce, proofOf } from '../../../src/core/worker-host/protocol/proof.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { counter } from '../../support/analysis/counter-plugin.js';
import { evidenceKeeper } from '../../support/analysis/evidence-plugin.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { referenceReader } from '../../support/analysis/reference-plugin.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';
import { FAKE_ANALYZER, fakeJob, FakeHostPool } from '../../support/fakes/fake-host-pool.js';
import {
  openStrategy,
  startWorkerHost,
  TOKEN,
  urlOf,
  WorkerHostProcess,
  type OpenStrategy,
  type StrategySurroundings,
} from '../../support/remote/worker-hosts.js';
import { until } from '../../support/until.js';

const never = new AbortController().signal;
const plugins = [barcode, counter, referenceReader, evidenceKeeper].map((plugin) => ({ plugin }));
const { analyzers } = FakePluginRegistry.of(plugins);
const known = analyzers.map(({ definition: { id, version } }) => ({ id, version }));
const named = (id: string, all = analyzers) => all.filter(({ definition }) => definition.id === id);
/** The counter with another config than worker hosts have for it. */
const pausing = (pause: string) => FakePluginRegistry.of([{ plugin: counter, config: { pause } }]).analyzers;

describe('worker hosts', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', { frames: 60, fps: 10, widthPx: 320, heightPx: 180, gop: 10 }, 1);
  });
  afterAll(() => bench.close());

  const hostProcess = async (name: string, port?: number): Promise<WorkerHostProcess> => {
    const host = await WorkerHostProcess.start({
      name,
      analyzers: known,
      mediaDir: bench.folder,
      dataDir: bench.path(`data-${name}`),
      ...(port === undefined ? {} : { port }),
    });
    open.push({ close: () => host.end() });
    return host;
  };
  /** In this process: quicker, and good enough for what is not about its end. */
  const hostHere = async (): Promise<{ url: string }> => {
    const references = new HeldReferences();
    const host = await startWorkerHost(bench.pool({ references }), { name: 'here', analyzers: known, references });
    open.push(host);
    return { url: urlOf(host) };
  };
  const strategyWith = async (
    hosts: readonly { readonly url: string }[],
    more: Partial<StrategySurroundings> = {},
  ): Promise<OpenStrategy> => {
    const strategy = await openStrategy({ hosts: hosts.map(({ url }) => ({ url })), ...more });
    open.push({ close: () => strategy.close?.() });
    return strategy;
  };
  const of = (strategy: OpenStrategy, { url }: { url: string }): any =>
    strategy.report().hosts.find((host: { url: string }) => host.url === url);
  const statusOf = (strategy: OpenStrategy): string => (strategy.health() as StrategyHealth).status;
  const nameOf = ({ executedBy }: AnalysisOutcome): string => executedBy.split(':')[0]!;
  /** The same stream to the files, another one to analyzers and hosts. */
  const asStream = (job: AnalysisJob, streamId: string): AnalysisJob => ({
    ...job,
    stream: { ...job.stream, streamId },
    segment: { ...job.segment, streamId },
  });
  /** What does not depend on when and where it was done. */
  const essence = ({ tasks }: AnalysisOutcome): unknown => tasks.map(({ cpuMs: _, ...task }: TaskOutcome & { cpuMs?: number }) => task);

  it('give the same results as the worker itself', async () => {
    const local = bench.pool();
    const strategy = await strategyWith([await hostHere()]);
    for (let sequence = 0; sequence < 3; sequence++) {
      const job = jobFor(stream, sequence, named('barcode'));
      expect(essence(await strategy.execute(job, never))).toEqual(essence(await local.execute(job, never)));
    }
    expect(strategy.health()).toMatchObject({ status: 'up' });
  });

  it('send the evidence along that their analyzers keep', async () => {
    const local = bench.pool();
    const strategy = await strategyWith([await hostHere()]);
    const job = jobFor(stream, 1, named('evidence-keeper'));
    const remote = await strategy.execute(job, never);
    expect(resultOf(remote, 0).results.filter(isEvidence)).toMatchObject([{ key: 'lasting', rank: 0.9, picture: { widthPx: 320 } }]);
    expect(essence(remote)).toEqual(essence(await local.execute(job, never)));
  });

  it('send the thumbnails along that were asked for', async () => {
    const local = bench.pool();
    const strategy = await strategyWith([await hostHere()]);
    const { ptsStartUs, ptsEndUs } = stream.facts[1]!;
    const asked = [ptsStartUs + 100_000, ptsEndUs - 1];
    const job = { ...jobFor(stream, 1, named('barcode')), thumbnailsAtUs: asked };
    const remote = await strategy.execute(job, never);
    expect(remote.thumbnails).toMatchObject(
      asked.map((askedPtsUs) => ({ askedPtsUs, ptsUs: stream.facts[1]!.keyframePtsUs[0], widthPx: 160, heightPx: 90 })),
    );
    expect(remote.thumbnails).toEqual((await local.execute(job, never)).thumbnails);
    expect(await strategy.execute(jobFor(stream, 1, named('barcode')), never)).not.toHaveProperty('thumbnails');
  });

  it('run analyzers with the config of the job, and refuse one that does not have the hash it claims', async () => {
    const strategy = await strategyWith([await hostHere()]);
    const [other] = FakePluginRegistry.of([{ plugin: barcode, config: { sampling: 'keyframes' } }]).analyzers;
    const own = resultOf(await strategy.execute(jobFor(stream, 0, named('barcode')), never), 0);
    const keyframes = resultOf(await strategy.execute(jobFor(stream, 0, [other!]), never), 0);
    expect([own.framesExpected, keyframes.framesExpected]).toEqual([10, 1]);
    // A duration, of which the schema makes a number: what was written goes along, and is parsed anew.
    expect(resultOf(await strategy.execute(jobFor(stream, 0, pausing('1ms')), never), 0).results).toHaveLength(10);

    const job = jobFor(stream, 0, [other!]);
    const claim = (configHash: string, writtenConfig: JsonObject): AnalysisJob => ({
      ...job,
      tasks: job.tasks.map((task) => ({ ...task, configHash, writtenConfig })),
    });
    // Under a hash that is known, what was written makes no difference.
    expect(resultOf(await strategy.execute(claim(other!.configHash, { sampling: 'all' }), never), 0).framesExpected).toBe(1);
    const refused = await strategy.execute(claim('eeeeeeeeeeeeeeee', { sampling: 'all' }), never);
    const invalid = await strategy.execute(claim('ffffffffffffffff', { sampling: 'sometimes' }), never);
    expect(refused.tasks[0]).toMatchObject({
      status: 'failed',
      code: 'VD_REMOTE_CANNOT',
      retryable: true,
      message: expect.stringContaining('VD_ANALYSIS_CONFIG_MISMATCH'),
    });
    expect(invalid.tasks[0]).toMatchObject({ status: 'failed' });
  });

  it('are given the reference images they lack, once, and again when these changed', async () => {
    const image = (label: string): ReferenceImage => ({
      id: label,
      subjectId: label,
      label,
      variant: 'x',
      widthPx: 300,
      heightPx: 200,
      hasAlpha: true,
      rgba: new Uint8Array(300 * 200 * 4).fill(label.length),
    });
    let set = { kind: 'logo', revision: 1, images: [image('one')] };
    let loads = 0;
    const references: References = { load: () => Promise.resolve((loads++, set)) };
    const strategy = await strategyWith([await hostHere()], { references });
    const ask = async (sequence: number): Promise<unknown> => {
      const job = jobFor(stream, sequence, named('reference-reader'));
      const wanting = { ...job, tasks: job.tasks.map((task) => ({ ...task, references: { kind: 'logo', revision: set.revision } })) };
      const [result] = resultOf(await strategy.execute(wanting, never), 0).results;
      return result?.type === 'artifact' ? result.data['images'] : result;
    };
    const told = (label: string): object => ({ label, isBytes: true, first: label.length, bytes: 240_000 });
    expect([await ask(0), await ask(1)]).toEqual([[told('one')], [told('one')]]);
    expect(loads).toBe(1);
    set = { kind: 'logo', revision: 2, images: [image('one'), image('other')] };
    expect(await ask(2)).toEqual([told('one'), told('other')]);
    expect(loads).toBe(2);
  });

  it('go on where another left a stream, with the same results as if it had stayed', async () => {
    const hosts = await Promise.all([hostProcess('a'), hostProcess('b')]);
    const strategy = await strategyWith(hosts);
    const local = bench.pool();
    const follow = async (run: (job: AnalysisJob) => Promise<AnalysisOutcome>): Promise<AnalysisOutcome[]> => {
      let checkpoint: Checkpoint | undefined;
      const outcomes: AnalysisOutcome[] = [];
      for (let sequence = 0; sequence < stream.facts.length; sequence++) {
        const job = jobFor(stream, sequence, named('counter'), { checkpoints: { counter: checkpoint } });
        const outcome = await run(job);
        outcomes.push(outcome);
        checkpoint = { epochId: stream.epochId, sequence, data: resultOf(outcome, 0).checkpoint! };
      }
      return outcomes;
    };
    let done = 0;
    const remote = await follow(async (job) => {
      const outcome = await strategy.execute(job, never);
      // Where it is goes away half-way: the stream has to move.
      if (++done === 3) {
        await hosts.find((_, i) => nameOf(outcome) === 'ab'[i])!.end();
        await until('its end to be noticed', () => statusOf(strategy) === 'degraded');
      }
      return outcome;
    });
    expect(new Set(remote.map(nameOf)).size).toBe(2);
    expect(new Set(remote.slice(0, 3).map(nameOf)).size).toBe(1);
    expect(remote.map(essence)).toEqual((await follow((job) => local.execute(job, never))).map(essence));
    const last = resultOf(remote.at(-1)!, 0).results.at(-1);
    expect(last).toMatchObject({ name: 'seen', value: 60 });
  });

  it('lose their jobs to others when they are killed in the middle of them', async () => {
    const hosts = await Promise.all([hostProcess('a'), hostProcess('b')]);
    const strategy = await strategyWith(hosts);
    const job = jobFor(stream, 0, pausing('1s'));
    const executing = strategy.execute(job, never);
    const busy = await until('one to have the job', () => hosts.find((host) => of(strategy, host).own === 1));
    await until('it to be under way there', () => of(strategy, busy).running === 1, 5_000);
    await busy.end();
    const outcome = await executing;
    expect(nameOf(outcome)).not.toBe(busy === hosts[0] ? 'a' : 'b');
    expect(resultOf(outcome, 0).results).toHaveLength(10);
  });

  it('lose their jobs to others when they hang, and are back when they do not', async () => {
    const hosts = await Promise.all([hostProcess('a'), hostProcess('b')]);
    const strategy = await strategyWith(hosts);
    const executing = strategy.execute(jobFor(stream, 0, pausing('500ms')), never);
    const busy = await until('one to have the job', () => hosts.find((host) => of(strategy, host).own === 1));
    busy.child.kill('SIGSTOP');
    try {
      expect(nameOf(await executing)).not.toBe(busy === hosts[0] ? 'a' : 'b');
      expect(of(strategy, busy)).toMatchObject({ state: 'out', reason: expect.stringContaining('VD_REMOTE_HUNG') });
    } finally {
      busy.child.kill('SIGCONT');
    }
    await until('it to be back', () => of(strategy, busy).state === 'up', 15_000);
  });

  it('may go and come back: a hundred jobs over two hosts, one of them killed, are each answered exactly once', async () => {
    const [first, second] = await Promise.all([hostProcess('a'), hostProcess('b')]);
    const strategy = await strategyWith([first, second]);
    await until('the processes of both to be up', () => [first, second].every((host) => of(strategy, host).capacity === 1));
    const answers = new Map<string, string[]>();
    // As the queue does: on a busy machine the other host may be out of reach at the very moment.
    const triedAgain = async <T>(work: () => Promise<T>, left = 3): Promise<T> =>
      work().catch(async (error: unknown) => {
        if (left === 0 || !(error instanceof CodedError && error.retryable)) throw error;
        await until('a host to be up', () => strategy.report().hosts.some(({ state }: { state: string }) => state === 'up'), 15_000);
        return triedAgain(work, left - 1);
      });
    let next = 0;
    const lane = async (number: number): Promise<void> => {
      while (next < 100) {
        const index = next++;
        const job = asStream(jobFor(stream, index % stream.facts.length, named('barcode')), `lane-${number}`);
        const outcome = await triedAgain(() => strategy.execute({ ...job, jobId: `job-${index}` }, never));
        answers.set(`job-${index}`, [...(answers.get(`job-${index}`) ?? []), nameOf(outcome)]);
        expect(resultOf(outcome, 0).results).toHaveLength(10);
        if (answers.size === 30) await first.end();
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, number) => lane(number)));
    expect(answers.size).toBe(100);
    expect([...answers.values()].every((all) => all.length === 1)).toBe(true);
    const by = (name: string): number => [...answers.values()].filter(([one]) => one === name).length;
    expect(by('a')).toBeGreaterThan(0);
    expect(by('b')).toBeGreaterThanOrEqual(70);
    expect(strategy.health()).toMatchObject({ status: 'degraded' });

    const again = await hostProcess('a-again', first.port);
    expect(again.url).toBe(first.url);
    await until('it to be used again', () => statusOf(strategy) === 'up', 20_000);
  });

  it('share the work by how busy they are, and a stream stays where it is', async () => {
    const pools = [new FakeHostPool(2), new FakeHostPool(2)];
    const hosts = await Promise.all(pools.map((pool, i) => startWorkerHost(pool, { analyzers: [FAKE_ANALYZER], name: `h${i}` })));
    for (const host of hosts) open.push(host);
    for (const pool of pools) pool.takesMs = 100;
    const strategy = await strategyWith(hosts.map((host) => ({ url: urlOf(host) })));
    const round = (): Promise<string[]> =>
      Promise.all(['a', 'b', 'c', 'd'].map(async (streamId) => nameOf(await strategy.execute(fakeJob({ streamId }), never))));
    const before = await round();
    expect(pools.map(({ jobs }) => jobs.length)).toEqual([2, 2]);
    expect(await round()).toEqual(before);
  });

  it('that are ten times slower get little of the work, and hold up nobody else', async () => {
    const pools = [new FakeHostPool(2), new FakeHostPool(2)];
    [pools[0]!.takesMs, pools[1]!.takesMs] = [500, 50];
    const hosts = await Promise.all(
      pools.map((pool, i) => startWorkerHost(pool, { analyzers: [FAKE_ANALYZER], name: ['slow', 'quick'][i]! })),
    );
    for (const host of hosts) open.push(host);
    const strategy = await strategyWith(hosts.map((host) => ({ url: urlOf(host) })));
    let left = 40;
    const lane = async (streamId: string): Promise<void> => {
      while (left-- > 0) await strategy.execute(fakeJob({ streamId }), never);
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(lane));
    expect(pools[0]!.jobs.length + pools[1]!.jobs.length).toBe(40);
    expect(pools[0]!.jobs.length).toBeLessThanOrEqual(6);
  });

  it('take no more jobs than would be done in time, and say so', async () => {
    const pool = new FakeHostPool(1);
    pool.takesMs = 2_000;
    const host = await startWorkerHost(pool, { analyzers: [FAKE_ANALYZER] });
    open.push(host);
    const strategy = await strategyWith([{ url: urlOf(host) }]);
    const ends = await Promise.allSettled(Array.from({ length: 18 }, (_, i) => strategy.execute(fakeJob({ streamId: `s${i}` }), never)));
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as { code: string }).code] : []));
    expect(refused).toEqual(['VD_REMOTE_BUSY', 'VD_REMOTE_BUSY']);
    expect(strategy.health()).toMatchObject({ status: 'up' });
  });

  it('that are not there are named with the reason, and jobs are to be tried again', async () => {
    const gone = await startWorkerHost(new FakeHostPool(), { analyzers: [FAKE_ANALYZER] });
    const url = urlOf(gone);
    await gone.close();
    const strategy = await strategyWith([{ url }]);
    expect(strategy.health()).toMatchObject({ status: 'down', detail: expect.stringContaining(`${url}: VD_REMOTE_UNREACHABLE`) });
    // Nothing is known of it yet: it may be the one that has the analyzer.
    expect(strategy.supports(fakeJob().tasks[0]!)).toBe(true);
    await expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({ code: 'VD_REMOTE_NO_HOST', retryable: true });
  });

  it('that end with a job fail it, to be tried again, where there is no other', async () => {
    const pool = new FakeHostPool();
    pool.takesMs = 30_000;
    const host = await startWorkerHost(pool, { analyzers: [FAKE_ANALYZER] });
    const strategy = await strategyWith([{ url: urlOf(host) }]);
    const executing = expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({ code: 'VD_REMOTE_LOST', retryable: true });
    await until('the job to be there', () => pool.jobs.length === 1);
    await host.close();
    await executing;
    await until('the job to be called off', () => pool.calledOff === 1);
  });

  it('of another version of the analyzer do not get its jobs', async () => {
    const host = await startWorkerHost(new FakeHostPool(), { analyzers: [{ ...FAKE_ANALYZER, version: '1.0.1' }] });
    open.push(host);
    const strategy = await strategyWith([{ url: urlOf(host) }]);
    expect(strategy.supports(fakeJob().tasks[0]!)).toBe(false);
    await expect(strategy.execute(fakeJob(), never)).rejects.toMatchObject({ code: 'VD_REMOTE_NO_HOST' });
  });

  it('refuse a job that is none: a path out of the media folder, an address of another kind, a run twice', async () => {
    const pool = new FakeHostPool();
    const host = await startWorkerHost(pool, { analyzers: [FAKE_ANALYZER] });
    open.push(host);
    const strategy = await strategyWith([{ url: urlOf(host) }]);
    const job = fakeJob({ tasks: 2 });
    const bad = [
      ...['../../etc/passwd', '/etc/passwd', 'a/../b', '.hidden', 'a//b', 'a\\b'].map((path) => ({
        ...job,
        segment: { ...job.segment, path },
      })),
      { ...job, tasks: [job.tasks[0]!, job.tasks[0]!] },
      { ...job, stream: { ...job.stream, streamId: '../x' } },
    ];
    for (const one of bad) await expect(strategy.execute(one, never)).rejects.toMatchObject({ code: 'VD_REMOTE_REFUSED' });
    expect(pool.jobs).toHaveLength(0);
  });

  it('are told when a job is called off, and drop it', async () => {
    const pool = new FakeHostPool();
    pool.takesMs = 30_000;
    const host = await startWorkerHost(pool, { analyzers: [FAKE_ANALYZER] });
    open.push(host);
    const strategy = await strategyWith([{ url: urlOf(host) }]);
    const calledOff = new AbortController();
    const executing = strategy.execute(fakeJob(), calledOff.signal);
    await until('the job to be there', () => pool.jobs.length === 1);
    calledOff.abort();
    await expect(executing).rejects.toMatchObject({ code: 'VD_REMOTE_ABORTED' });
    await until('the job to be called off there', () => pool.calledOff === 1, 2_000);
    expect(strategy.health()).toMatchObject({ status: 'up' });
  });

  it('send an answer no faster than it is read', async () => {
    let worded = 0;
    const pool = new FakeHostPool();
    pool.results = Array.from({ length: RESULT_LIMITS.resultsPerRun }, (_, i) => ({
      type: 'metric' as const,
      ptsUs: i,
      name: 'x'.repeat(200),
      value: i,
      unit: '1',
      toJSON() {
        worded++;
        return { type: 'metric', ptsUs: i, name: 'x'.repeat(200), value: i, unit: '1' };
      },
    }));
    const host = await startWorkerHost(pool, { analyzers: [FAKE_ANALYZER] });
    open.push(host);
    // By hand, since the strategy reads at once.
    const session = connectHttp2(urlOf(host), { rejectUnauthorized: false });
    open.push({ close: () => session.destroy() });
    const channel = await new Promise<{ exporter: string; fingerprint: string }>((resolve) =>
      session.once('connect', (_, socket) => resolve({ exporter: exporterOf(socket as TLSSocket), fingerprint: host.fingerprint })),
    );
    const post = (path: string, body: object): Promise<any> =>
      new Promise((resolve) => {
        const request = session.request({ ':method': 'POST', ':path': path });
        let text = '';
        request
          .setEncoding('utf8')
          .on('data', (part: string) => (text += part))
          .once('end', () => resolve(JSON.parse(text)));
        request.end(JSON.stringify(body));
      });
    const worker = newNonce();
    const { nonce } = await post('/v1/hello', { protocol: PROTOCOL_VERSION, nonce: worker });
    await post('/v1/proof', { proof: proofOf('worker', TOKEN, { worker, host: nonce }, channel), name: 'slow' });
    const request = session.request({ ':method': 'POST', ':path': '/v1/jobs' });
    const job = fakeJob();
    request.end(JSON.stringify({ ...job, segment: { ...job.segment, url: 'http://127.0.0.1:9/x' } }));
    await until('the answer to begin', () => worded > 0);
    let [before, sameFor] = [-1, 0];
    await until('the host to stop', () => {
      sameFor = before === worded ? sameFor + 1 : 0;
      before = worded;
      return sameFor > 20;
    });
    expect(worded).toBeLessThan(RESULT_LIMITS.resultsPerRun / 2);
    let lines = 0;
    request.on('data', (part: Buffer) => (lines += part.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0)));
    await new Promise((resolve) => request.once('end', resolve));
    expect(worded).toBe(RESULT_LIMITS.resultsPerRun);
    expect(lines).toBeGreaterThan(10);
  });
});
