import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import {
  Box,
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalysisResult,
  type Checkpoint,
  type CodedError,
  type EventResult,
  type MetricResult,
} from '../../../src/core/plugin-api/index.js';
import objectDetection from '../../../src/plugins/object-detection/index.js';
import visualAnalysis from '../../../src/plugins/visual-analysis/index.js';
import { rectangleAt } from '../../../src/core/plugin-testing/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';

const clip = { frames: 300, fps: 25, widthPx: 640, heightPx: 360, gop: 50, bframes: 2 } as const;
const perFrame = { metricsEvery: '1ms' };
const { analyzers } = FakePluginRegistry.of([
  { plugin: barcode },
  { plugin: visualAnalysis, config: perFrame },
  { plugin: objectDetection },
]);
const [reader, looker, finder] = ['barcode', 'visual-analysis', 'object-detection.demo'].map((id) =>
  analyzers.find(({ definition }) => definition.id === id),
);
const lasting = { frozen: { maxChange: 1, minDuration: '1s' } };
const [freezer] = FakePluginRegistry.of([{ plugin: visualAnalysis, config: lasting }]).analyzers;

/** As the worker does it: a host that dies costs a retry. */
async function retried(pool: ForkedHostPool, job: AnalysisJob): Promise<AnalysisOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pool.execute(job, never);
    } catch (error) {
      if (attempt === 3 || !(error as CodedError).retryable) throw error;
    }
  }
}

describe('analyzers of one queue', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', clip);
    pool = bench.pool({ config: { 'visual-analysis': perFrame } });
  });
  afterAll(() => bench.close());

  it('each get their own frames out of one decode', async () => {
    const outcome = await pool.execute(jobFor(stream, 0, [reader!, looker!, finder!]), never);
    expect(outcome.tasks.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    const [read, looked, found] = [0, 1, 2].map((i) => resultOf(outcome, i));
    expect(read!.results).toHaveLength(50);
    const times = (results: readonly AnalysisResult[]): Set<number> => new Set(results.map(({ ptsUs }) => ptsUs));
    expect(times(looked!.results).size).toBe(10);
    expect([...times(found!.results)].every((ptsUs) => times(looked!.results).has(ptsUs))).toBe(true);
    // All three saw a frame of the same pts as the same frame.
    for (const detection of found!.results) {
      if (detection.type !== 'detection') continue;
      const index = (read!.results as MetricResult[]).find(({ ptsUs }) => ptsUs === detection.ptsUs)!.value;
      expect(Box.iou(detection.box, rectangleAt(index)), `frame ${index}`).toBeGreaterThan(0.9);
    }
  });
});

describe('a stateful analyzer', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  const config = { 'visual-analysis': lasting };

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', clip);
  });
  afterAll(() => bench.close());

  /** Does the segments in order as the ledger would; `between` may kill, replace or skip what it likes. */
  async function watch(poolFor: (sequence: number) => ForkedHostPool, sequences: readonly number[]): Promise<AnalysisResult[]> {
    const results: AnalysisResult[] = [];
    let checkpoint: Checkpoint | undefined;
    for (const sequence of sequences) {
      const job = jobFor(stream, sequence, [freezer!], { checkpoints: { 'visual-analysis': checkpoint } });
      const task = resultOf(await retried(poolFor(sequence), job), 0);
      checkpoint = { epochId: stream.epochId, sequence, data: JSON.parse(JSON.stringify(task.checkpoint)) };
      results.push(...task.results);
    }
    return results;
  }
  const all = (): number[] => stream.facts.map((_, sequence) => sequence);
  const events = (results: readonly AnalysisResult[]): EventResult[] =>
    results.filter((result): result is EventResult => result.type === 'event');

  it('says the same on one host, on a fresh host for each segment, and after hosts were killed', async () => {
    const steady = bench.pool({ config });
    const reference = await watch(() => steady, all());
    expect(events(reference).map(({ name, phase }) => `${name} ${phase}`)).toEqual(['frozen start']);

    const fresh: ForkedHostPool[] = [];
    const moved = await watch(() => fresh[fresh.push(bench.pool({ config })) - 1]!, all());
    expect(moved).toEqual(reference);

    const killed = await watch((sequence) => {
      if (sequence > 0 && sequence % 2 === 0) for (const pid of steady.pids) process.kill(pid, 'SIGKILL');
      return steady;
    }, all());
    expect(killed).toEqual(reference);
    await Promise.all([steady, ...fresh].map((pool) => pool.close()));
  });

  it('does not let an attempt that was not committed show in the next', async () => {
    const pool = bench.pool({ config });
    const reference = await watch(() => pool, all());
    const again = await watch((sequence) => {
      const lost = jobFor(stream, sequence, [freezer!]);
      pool.discard(lost);
      return pool;
    }, all());
    expect(again).toEqual(reference);
    await pool.close();
  });

  it('is told of a segment that is missing', async () => {
    const pool = bench.pool({ config });
    const found = events(await watch(() => pool, [0, 1, 4, 5]));
    expect(found.map(({ name, phase }) => `${name} ${phase}`)).toEqual(['frozen start', 'frozen end', 'frozen start']);
    expect(found[1]!.ptsUs).toBeLessThan(stream.facts[2]!.ptsStartUs);
    expect(found[2]!.ptsUs).toBeGreaterThanOrEqual(stream.facts[4]!.ptsStartUs);
    await pool.close();
  });

  it('ends what lasts with the last segment of the epoch', async () => {
    const pool = bench.pool({ config });
    const task = resultOf(await pool.execute(jobFor(stream, 0, [freezer!], { lastOfEpoch: true }), never), 0);
    expect(events(task.results).map(({ phase }) => phase)).toEqual(['start', 'end']);
    await pool.close();
  });
});
