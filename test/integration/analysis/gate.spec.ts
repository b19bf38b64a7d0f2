import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisJob, AnalysisOutcome, Checkpoint, TaskOutcome } from '../../../src/core/plugin-api/index.js';
import type { RegisteredAnalyzer } from '../../../src/core/plugin-host/plugin-registry.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { gatePlugin } from '../../support/analysis/gate-plugin.js';
import { damageSegment, jobFor, segmentClip, type SegmentedStream } from '../../support/analysis/segments.js';

const [reader] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const SEGMENT_FRAMES = 50;

describe('a gate', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;
  let gate: RegisteredAnalyzer;
  let stateful: RegisteredAnalyzer;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', { frames: 250, fps: 25, widthPx: 320, heightPx: 180, gop: 25, bframes: 2 });
  });
  afterEach(() => pool.close());
  afterAll(() => bench.close());

  const start = (verdict: string): void => {
    const config = { gate: { verdict } };
    pool = bench.pool({ config });
    [gate, stateful] = FakePluginRegistry.of([{ plugin: gatePlugin, config: config.gate }]).analyzers as [
      RegisteredAnalyzer,
      RegisteredAnalyzer,
    ];
  };
  const gated = (job: AnalysisJob, ...which: number[]): AnalysisJob => ({
    ...job,
    tasks: job.tasks.map((task, i) => (which.includes(i) ? { ...task, when: 'test' } : task)),
  });
  const run = (sequence: number, analyzers: readonly RegisteredAnalyzer[], ...which: number[]): Promise<AnalysisOutcome> =>
    pool.execute(gated(jobFor(stream, sequence, analyzers), ...which), never);
  const gatedReader = async (sequence: number): Promise<TaskOutcome> => (await run(sequence, [reader!], 0)).tasks[0]!;

  it('that is closed skips the segment with its reason, for every analyzer that waits for it', async () => {
    start('closed');
    const closed = await run(2, [reader!, stateful], 0, 1);
    expect(closed.tasks.map(({ status, ...task }) => [status, 'reason' in task && task.reason])).toEqual([
      ['skipped', 'nothing-there'],
      ['skipped', 'nothing-there'],
    ]);
  });

  it('is of no concern to those who do not wait for it', async () => {
    start('closed');
    const { tasks } = await run(0, [reader!, stateful], 1);
    expect(tasks[0]).toMatchObject({ status: 'done', framesSeen: SEGMENT_FRAMES });
    expect(tasks[1]).toMatchObject({ status: 'skipped' });
  });

  it('that is open lets the segment pass', async () => {
    start('even open');
    expect(await gatedReader(0)).toMatchObject({ status: 'done', framesSeen: SEGMENT_FRAMES });
    expect(await gatedReader(1)).toMatchObject({ status: 'skipped', reason: 'odd' });
    expect(await gatedReader(2)).toMatchObject({ status: 'done' });
  });

  it.each(['throws', 'nonsense', 'no such verdict'])('that cannot tell (%s) counts as open', async (verdict) => {
    start(verdict);
    expect(await gatedReader(0)).toMatchObject({ status: 'done', framesSeen: SEGMENT_FRAMES });
  });

  it('that is not here counts as open', async () => {
    start('closed');
    const job = jobFor(stream, 0, [reader!]);
    const [task] = (await pool.execute({ ...job, tasks: [{ ...job.tasks[0]!, when: 'unheard-of' }] }, never)).tasks;
    expect(task).toMatchObject({ status: 'done' });
  });

  it('sees every coded picture in order, and the keyframes if it asks, decoded once', async () => {
    start('as many keyframes');
    expect(await gatedReader(0)).toMatchObject({ status: 'skipped', reason: '2-of-2-of-50' });
  });

  it('is asked once about a segment, however many wait for it and however often it is tried', async () => {
    start('first asked open');
    const { tasks } = await run(0, [reader!, stateful], 0, 1);
    expect(tasks.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(await gatedReader(0)).toMatchObject({ status: 'done' });
    expect(await gatedReader(2)).toMatchObject({ status: 'skipped', reason: 'asked-before' });
    // Late: its memory is of what came after.
    expect(await gatedReader(1)).toMatchObject({ status: 'done' });
  });

  it('judges for each queue by itself, apart from its own runs', async () => {
    start('first asked open');
    const other = gated({ ...jobFor(stream, 0, [reader!]), queue: 'other' }, 0);
    expect(await gatedReader(0)).toMatchObject({ status: 'done' });
    expect((await pool.execute(other, never)).tasks[0]).toMatchObject({ status: 'done' });
    expect(resultOf(await run(0, [gate]), 0).results).toMatchObject([{ name: 'asked', value: 0 }]);
  });

  it('is not asked about a damaged segment, which passes', async () => {
    start('closed');
    const damaged = await segmentClip(bench.path('clip.ts'), bench.folder);
    await damageSegment(damaged, 0, (bytes) => bytes.subarray(0, bytes.length >> 1));
    const [task] = (await pool.execute(gated(jobFor(damaged, 0, [reader!]), 0), never)).tasks;
    expect(task).toMatchObject({ status: 'partial' });
  });

  it('leaves a gap to a stateful analyzer, which goes on from where it was', async () => {
    start('even open');
    let checkpoint: Checkpoint | undefined;
    const told: unknown[] = [];
    for (const sequence of [0, 1, 2]) {
      const job = gated(jobFor(stream, sequence, [stateful], { checkpoints: { 'gate.stateful': checkpoint } }), 0);
      const task = (await pool.execute(job, never)).tasks[0]!;
      if (!('results' in task)) continue;
      checkpoint = { epochId: stream.epochId, sequence, data: task.checkpoint! };
      told.push(...task.results.map((result) => 'data' in result && result.data?.['what']));
    }
    const [{ ptsEndUs }, , { ptsStartUs }] = stream.facts as [{ ptsEndUs: number }, unknown, { ptsStartUs: number }];
    expect(told).toEqual(['frames 50', `gap ${ptsEndUs} ${ptsStartUs}`, 'frames 100']);
  });
});
