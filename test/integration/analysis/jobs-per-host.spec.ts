import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisJob, AnalysisOutcome, AnalysisResult, MetricResult } from '../../../src/core/plugin-api/index.js';
import objectDetection from '../../../src/plugins/object-detection/index.js';
import { never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { countingModel, crowd } from '../../support/analysis/crowd-plugin.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { misbehaving } from '../../support/analysis/misbehaving-plugin.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';
import { until } from '../../support/until.js';

/** More than an analyzer gets at once: it is called while the segment is still being decoded. */
const FRAMES = 20;
const clip = { frames: FRAMES, fps: 25, widthPx: 320, heightPx: 180, gop: FRAMES } as const;
/** Waits for all four, which then all go at once. */
const gathering = { max: 4, waitMs: 60_000 };
const registered = (id: string, config?: Record<string, unknown>) =>
  FakePluginRegistry.of([
    { plugin: crowd, ...(config && { config }) },
    { plugin: objectDetection },
    { plugin: misbehaving },
  ]).analyzers.find(({ definition }) => definition.id === id)!;
const [door, narrow, detector, crashing] = ['crowd.door', 'crowd.narrow', 'object-detection.demo', 'misbehaving.segfaults'].map((id) =>
  registered(id),
);

const metrics = (results: readonly AnalysisResult[], name: string): number[] =>
  (results as MetricResult[]).filter((result) => result.name === name).map(({ value }) => value);
const pidOf = ({ executedBy }: AnalysisOutcome): number => Number(/\d+/.exec(executedBy)?.[0]);

describe('a host with several jobs at once', () => {
  let bench: SegmentBench;
  let streams: SegmentedStream[];
  let pool: ForkedHostPool;
  let doors: string;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    streams = [];
    for (const i of [0, 1, 2, 3]) streams.push(await bench.stream(`clip-${i}.ts`, { ...clip, firstIndex: 37 * i }));
    await mkdir(bench.path('data/models'), { recursive: true });
    await writeFile(bench.path('data/models/counting.onnx'), countingModel);
    doors = bench.path('data/analyzers/crowd.door');
  });
  beforeEach(() => rm(doors, { recursive: true, force: true }));
  afterEach(() => pool.close());
  afterAll(() => bench.close());

  const jobs = (analyzer: ReturnType<typeof registered>, of: readonly SegmentedStream[] = streams): AnalysisJob[] =>
    of.map((stream) => jobFor(stream, 0, [analyzer]));
  const execute = (all: readonly AnalysisJob[]): Promise<AnalysisOutcome[]> => Promise.all(all.map((job) => pool.execute(job, never)));
  const open = (): Promise<void> => writeFile(join(doors, 'open'), '');
  const waiting = (count: number): Promise<unknown> =>
    until(
      `${count} jobs at the door`,
      async () => (await readdir(doors).catch(() => [])).filter((name) => name.startsWith('in-')).length === count,
    );

  it('runs a model on the frames of several streams together, and says what it says one by one', async () => {
    const counted = async (jobsPerHost: number, config: typeof gathering): Promise<AnalysisResult[][]> => {
      pool = bench.pool({ jobsPerHost, config: { crowd: config } });
      const outcomes = await execute(jobs(registered('crowd.model', config)));
      await pool.close();
      return outcomes.map((outcome) => [...resultOf(outcome, 0).results]);
    };
    const single = await counted(1, { max: 4, waitMs: 0 });
    const together = await counted(4, gathering);
    for (const [i, results] of together.entries()) {
      expect(metrics(results, 'sum')).toEqual(metrics(single[i]!, 'sum'));
      expect(metrics(results, 'still')).toEqual(metrics(results, 'sum'));
      expect(metrics(results, 'size')).toEqual(Array<number>(FRAMES).fill(4));
      expect(metrics(single[i]!, 'size')).toEqual(Array<number>(FRAMES).fill(1));
    }
    expect(new Set(single.map((results) => metrics(results, 'sum').join())).size).toBe(4);
  });

  it('finds with a real detector what it finds one by one', async () => {
    const found = async (jobsPerHost: number): Promise<(readonly AnalysisResult[])[]> => {
      pool = bench.pool({ jobsPerHost });
      const outcomes = await execute(jobs(detector!));
      await pool.close();
      return outcomes.map((outcome) => resultOf(outcome, 0).results);
    };
    const single = await found(1);
    expect(single.every((results) => results.length > 0)).toBe(true);
    expect(await found(4)).toEqual(single);
  });

  it('has no more jobs than it is told, and no two of one lane', async () => {
    pool = bench.pool({ jobsPerHost: 3 });
    const [first, second, third] = streams;
    const done = execute([...jobs(door!, [first!, first!, second!]), ...jobs(door!, [third!])]);
    await waiting(3);
    await open();
    const outcomes = await done;
    expect(outcomes.map((outcome) => metrics(resultOf(outcome, 0).results, 'together')[0])).toEqual([3, 3, 3, 3]);
    expect(new Set(outcomes.map(pidOf)).size).toBe(1);
  });

  it('gives an analyzer that is not made for more one segment at a time, and divides the CPU time', async () => {
    pool = bench.pool({ jobsPerHost: 4 });
    const outcomes = await execute(jobs(narrow!));
    expect(outcomes.map((outcome) => metrics(resultOf(outcome, 0).results, 'own'))).toEqual([[1], [1], [1], [1]]);
    for (const { cpuMs, decodeCpuMs, wallMs, tasks } of outcomes) {
      const [task] = tasks;
      if (task?.status !== 'done') throw new Error('done is expected');
      expect(task.cpuMs + decodeCpuMs).toBeCloseTo(cpuMs, 6);
      expect(wallMs).toBeGreaterThan(0);
    }
  });

  it('that crashes has each of its jobs done again alone, and only the one that crashes again fails', async () => {
    pool = bench.pool({ jobsPerHost: 4 });
    const bystanders = execute(jobs(door!, streams.slice(0, 3)));
    await waiting(3);
    const [before] = pool.pids;
    const crash = expect(pool.execute(jobFor(streams[3]!, 0, [crashing!]), never)).rejects.toMatchObject({
      code: 'VD_ANALYSIS_HOST_CRASHED',
      retryable: true,
    });
    await until('another host', () => pool.pids.length > 0 && !pool.pids.includes(before!));
    await open();
    const outcomes = await bystanders;
    await crash;
    expect(outcomes.map((outcome) => metrics(resultOf(outcome, 0).results, 'together')[0])).toEqual([1, 1, 1]);
    expect(outcomes.map(pidOf)).not.toContain(before);
  });

  it('is left to a run that failed before, alone, so that none goes down with it', async () => {
    pool = bench.pool({ jobsPerHost: 4 });
    const others = execute(jobs(door!, streams.slice(0, 3)));
    await waiting(3);
    const before = pool.pids;
    const job = jobFor(streams[3]!, 0, [crashing!]);
    const second = { ...job, tasks: job.tasks.map((task) => ({ ...task, attempt: 2 })) };
    const failure = expect(pool.execute(second, never)).rejects.toMatchObject({ code: 'VD_ANALYSIS_HOST_CRASHED' });
    const later = execute(jobs(door!, streams.slice(3)));
    await open();
    expect(new Set((await others).map(pidOf))).toEqual(new Set(before));
    await failure;
    expect(before).not.toContain(pidOf((await later)[0]!));
  });

  it('that is ended with a job that is called off does the others again', async () => {
    pool = bench.pool({ jobsPerHost: 4 });
    const controller = new AbortController();
    const others = execute(jobs(door!, streams.slice(0, 2)));
    const calledOff = expect(pool.execute(jobs(door!, streams.slice(2, 3))[0]!, controller.signal)).rejects.toMatchObject({
      code: 'VD_ANALYSIS_ABORTED',
    });
    await waiting(3);
    const [before] = pool.pids;
    controller.abort();
    await calledOff;
    await open();
    const outcomes = await others;
    expect(outcomes.map(({ tasks }) => tasks[0]?.status)).toEqual(['done', 'done']);
    expect(outcomes.map(pidOf)).not.toContain(before);
  });

  it('that nears its memory limit ends what it has before it is replaced', async () => {
    pool = bench.pool({ jobsPerHost: 3, memoryLimitBytes: 140 * 2 ** 20 });
    const done = execute(jobs(door!, streams.slice(0, 3)));
    await waiting(3);
    const later = execute(jobs(door!, streams.slice(3)));
    await open();
    const outcomes = await done;
    expect(new Set(outcomes.map(pidOf)).size).toBe(1);
    expect(outcomes.map(pidOf)).not.toContain(pidOf((await later)[0]!));
  });
});
