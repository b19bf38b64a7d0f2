import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TrialPool } from '../../../src/core/analysis/trial-pool.js';
import { LocalSegmentFiles } from '../../../src/core/media/store/testing/local-segment-files.js';
import type { AnalysisOutcome, JsonObject, ReferenceImage } from '../../../src/core/plugin-api/index.js';
import { never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { hostsFromSource } from '../../support/analysis/host-pool.js';
import { referenceReader } from '../../support/analysis/reference-plugin.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';

const [reader, picky] = FakePluginRegistry.of([{ plugin: referenceReader }]).analyzers;
const image = (label: string, fill: number): ReferenceImage => ({
  ...{ id: label, subjectId: label, label, variant: 'test', widthPx: 20, heightPx: 10, hasAlpha: true },
  rgba: new Uint8Array(20 * 10 * 4).fill(fill),
});

describe(TrialPool.name, () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: TrialPool;
  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', { frames: 100, fps: 25, widthPx: 64, heightPx: 36, gop: 50 });
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    const hosts = hostsFromSource({ mediaDir: bench.folder, dataDir: bench.path('data') });
    pool = new TrialPool(hosts, new LocalSegmentFiles(bench.folder), new SilentLogger());
  });
  afterEach(() => pool.onApplicationShutdown());

  const told = (outcome: AnalysisOutcome | undefined): JsonObject => (resultOf(outcome!, 0).results[0] as { data: JsonObject }).data;

  it('looks for what is tried, and for nothing of the trial before', async () => {
    const jobs = [0, 1].map((sequence) => jobFor(stream, sequence, [reader!]));
    const first = await pool.run(jobs, { kind: 'logo', images: [image('first', 1)] }, never);
    expect(first.map((outcome) => told(outcome)['images'])).toEqual([0, 1].map(() => [expect.objectContaining({ label: 'first' })]));
    const second = await pool.run(jobs.slice(0, 1), { kind: 'logo', images: [image('second', 2)] }, never);
    expect(told(second[0])['images']).toEqual([expect.objectContaining({ label: 'second', first: 2 })]);
  });

  it('goes on after one that the analyzer refuses', async () => {
    const refused = await pool.run([jobFor(stream, 0, [picky!])], { kind: 'logo', images: [image('poison', 1)] }, never);
    expect(refused[0]!.tasks[0]!.status).toBe('failed');
    const taken = await pool.run([jobFor(stream, 0, [reader!])], { kind: 'logo', images: [image('sound', 1)] }, never);
    expect(told(taken[0])['images']).toEqual([expect.objectContaining({ label: 'sound' })]);
  });

  it('is given up when nobody waits any more', async () => {
    const called = new AbortController();
    called.abort();
    await expect(pool.run([jobFor(stream, 0, [reader!])], { kind: 'logo', images: [] }, called.signal)).rejects.toMatchObject({
      code: 'VD_ANALYSIS_ABORTED',
    });
  });
});
