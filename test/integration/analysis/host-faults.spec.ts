import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisJob, MetricResult } from '../../../src/core/plugin-api/index.js';
import { cpuSecondsOf } from '../../bench/paired-ratio.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { answered, never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { FROM_SOURCE } from '../../support/analysis/host-pool.js';
import { misbehaving } from '../../support/analysis/misbehaving-plugin.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';
import { until } from '../../support/until.js';

const clip = { frames: 50, fps: 25, widthPx: 320, heightPx: 180, gop: 50 } as const;
const [reader] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const bad = (how: string) =>
  FakePluginRegistry.of([{ plugin: misbehaving }]).analyzers.find(({ definition }) => definition.id === `misbehaving.${how}`)!;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a host', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', clip);
  });
  afterEach(() => pool.close());
  afterAll(() => bench.close());

  const job = (...analyzers: Parameters<typeof jobFor>[2]): AnalysisJob => jobFor(stream, 0, analyzers);
  const good = (): AnalysisJob => job(reader!);

  it.each(['exits', 'segfaults', 'rejects unheard'])(
    'that an analyzer brings down (%s) costs its job a retry, and is replaced',
    async (how) => {
      pool = bench.pool();
      await expect(pool.execute(job(bad(how)), never)).rejects.toMatchObject({ code: 'VD_ANALYSIS_HOST_CRASHED', retryable: true });
      expect((await answered(pool, good())).status).toBe('done');
    },
  );

  it.each(['spins for ever', 'waits for ever'])('that hangs (%s) is ended at the deadline, and replaced', async (how) => {
    pool = bench.pool({ jobTimeoutMs: 1500 });
    await answered(pool, good());
    await expect(pool.execute(job(bad(how)), never)).rejects.toMatchObject({ code: 'VD_ANALYSIS_TIMEOUT', retryable: true });
    expect((await answered(pool, good())).status).toBe('done');
  });

  it('that is killed in the middle of a job loses that job only', async () => {
    pool = bench.pool({ hosts: 2 });
    const other = await bench.stream('other.ts', clip);
    await Promise.all([answered(pool, good()), answered(pool, jobFor(other, 0, [reader!]))]);
    const before = new Set(pool.pids);
    const hanging = pool.execute(job(bad('waits for ever')), never);
    const failure = expect(hanging).rejects.toMatchObject({ code: 'VD_ANALYSIS_HOST_CRASHED' });
    // The free host does other streams' work meanwhile: it is the one that answers.
    const { executedBy } = await pool.execute(jobFor(other, 0, [reader!]), never);
    const busy = pool.pids.find((pid) => !executedBy.includes(String(pid)));
    process.kill(busy!, 'SIGKILL');
    await failure;
    expect((await answered(pool, good())).status).toBe('done');
    expect(pool.pids.filter((pid) => before.has(pid)).length).toBeLessThanOrEqual(1);
  });

  it('that grows beyond its limit is ended, and replaced', async () => {
    pool = bench.pool({ memoryLimitBytes: 600 * 2 ** 20 });
    await expect(pool.execute(job(bad('eats memory')), never)).rejects.toMatchObject({ code: 'VD_ANALYSIS_MEMORY', retryable: true });
    expect((await answered(pool, good())).status).toBe('done');
  });

  it('that nears its limit is replaced between jobs, without losing one', async () => {
    pool = bench.pool({ memoryLimitBytes: 140 * 2 ** 20 });
    const seen = new Set<number>();
    for (let i = 0; i < 3; i++) {
      const outcome = await pool.execute(good(), never);
      expect(outcome.tasks[0]?.status).toBe('done');
      seen.add(Number(/\d+/.exec(outcome.executedBy)?.[0]));
    }
    expect(seen.size).toBe(3);
  });

  it('answers for the other analyzers when one throws', async () => {
    pool = bench.pool();
    const outcome = await pool.execute(job(bad('throws'), reader!, bad('emits nonsense')), never);
    expect(outcome.tasks[0]).toMatchObject({
      status: 'failed',
      code: 'VD_ANALYSIS_ANALYZER_FAILED',
      message: expect.stringContaining('boom'),
    });
    expect((resultOf(outcome, 1).results as MetricResult[]).map(({ value }) => value)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(outcome.tasks[2]).toMatchObject({ status: 'failed', code: 'VD_ANALYZER_BAD_RESULT', retryable: false });
  });

  it('refuses a job made for another config or another set of plugins', async () => {
    pool = bench.pool();
    const outcome = await pool.execute(
      job({ ...reader!, configHash: '0000000000000000' }, { ...reader!, definition: { ...reader!.definition, id: 'unheard-of' } }),
      never,
    );
    expect(outcome.tasks.map((task) => (task.status === 'failed' ? task.code : task.status))).toEqual([
      'VD_ANALYSIS_CONFIG_MISMATCH',
      'VD_ANALYSIS_CONFIG_MISMATCH',
    ]);
  });

  it('is ended with the job that is called off, while waiting jobs go on', async () => {
    pool = bench.pool();
    await answered(pool, good());
    const controller = new AbortController();
    const hanging = pool.execute(job(bad('waits for ever')), controller.signal);
    const failure = expect(hanging).rejects.toMatchObject({ code: 'VD_ANALYSIS_ABORTED', retryable: true });
    const withdrawn = new AbortController();
    const queued = pool.execute(good(), withdrawn.signal);
    const withdrawal = expect(queued).rejects.toMatchObject({ code: 'VD_ANALYSIS_ABORTED' });
    const waiting = answered(pool, good());
    withdrawn.abort();
    controller.abort();
    await Promise.all([failure, withdrawal]);
    expect((await waiting).status).toBe('done');
  });

  it('that cannot start turns jobs away with a reason, instead of letting them wait for ever', async () => {
    pool = bench.pool({ entry: bench.path('no-such-program.js') });
    await expect(pool.execute(good(), never)).rejects.toMatchObject({ code: 'VD_ANALYSIS_UNAVAILABLE', retryable: true });
    expect(pool.health().status).toBe('down');
  });

  it('that cannot start for a plugin that fails nowhere else says which it is, to jobs and in its health', async () => {
    const entry = bench.path('fails-at-start.mjs');
    const error = { code: 'VD_PLUGIN_LOAD_FAILED', message: './door.mjs: no licence for this machine' };
    const failed = JSON.stringify({ type: 'failed', role: 'analysis-host', error });
    await writeFile(entry, `process.send(${failed}, () => process.exit(1));`);
    pool = bench.pool({ entry });
    await expect(pool.execute(good(), never)).rejects.toMatchObject({
      code: 'VD_ANALYSIS_UNAVAILABLE',
      message: expect.stringContaining('VD_PLUGIN_LOAD_FAILED: ./door.mjs: no licence for this machine'),
    });
    expect(pool.health()).toMatchObject({ status: 'down', detail: expect.stringContaining('./door.mjs') });
  });

  it('turns jobs away when the pool closes', async () => {
    pool = bench.pool();
    const running = pool.execute(job(bad('waits for ever')), never);
    await until('the job to be under way', () => pool.load().running === 1);
    const waiting = pool.execute(good(), never);
    const failures = Promise.all([
      expect(running).rejects.toMatchObject({ code: 'VD_ANALYSIS_ABORTED', retryable: true }),
      expect(waiting).rejects.toMatchObject({ code: 'VD_ANALYSIS_UNAVAILABLE' }),
    ]);
    await pool.close();
    await failures;
    await expect(pool.execute(good(), never)).rejects.toMatchObject({ code: 'VD_ANALYSIS_UNAVAILABLE' });
    expect(pool.pids).toEqual([]);
  });

  it('ends with its worker, even while an analyzer holds it for ever', async () => {
    pool = bench.pool();
    const settings = { mediaDir: bench.folder, dataDir: bench.path('data') };
    const owner = fork(fileURLToPath(new URL('../../support/analysis/pool-owner.ts', import.meta.url)), [JSON.stringify(settings)], {
      execArgv: [...FROM_SOURCE],
      serialization: 'advanced',
    });
    // Two at once: each has a host.
    for (const one of [good(), good()]) owner.send(one);
    const [pids] = (await once(owner, 'message')) as [number[]];
    expect(pids).toHaveLength(2);
    const before = pids.map(cpuSecondsOf);
    owner.send(job(bad('spins for ever')));
    await until('one host to be held', () => pids.some((pid, i) => cpuSecondsOf(pid) > before[i]! + 0.3));
    owner.kill('SIGKILL');
    await until('both hosts to be gone', () => !pids.some(isAlive));
  });
});
