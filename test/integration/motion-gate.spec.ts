import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint, TaskOutcome } from '../../src/core/plugin-api/index.js';
import visualAnalysis from '../../src/plugins/visual-analysis/index.js';
import { never, SegmentBench } from '../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { jobFor, segmentClip } from '../support/analysis/segments.js';
import { filmMotion, type MotionClipOptions } from '../support/motion/motion-clip.js';

const walker = { size: [0.03, 0.06], start: [0.2, 0.4], end: [0.5, 0.5], isReturning: true, contrast: 35 } as const;
/** Two visits between keyframes, each in one segment: the sixteenth and the twentieth. */
const clip: MotionClipOptions = {
  seed: 5,
  seconds: 44,
  fps: 10,
  noiseSigma: 1,
  rate: ['-crf', '28'],
  objects: [
    { ...walker, fromS: 30.4, toS: 31.6 },
    { ...walker, fromS: 38.3, toS: 39.5 },
  ],
};
const VISITED = [15, 19];

describe('an analyzer that waits for motion', () => {
  let bench: SegmentBench;
  beforeAll(async () => (bench = await SegmentBench.create()));
  afterAll(() => bench.close());

  it('gets the segments with motion, and the still ones are skipped once the stream is known', async () => {
    await filmMotion(bench.path('walkers.ts'), clip);
    const stream = await segmentClip(bench.path('walkers.ts'), bench.folder);
    expect(stream.facts).toHaveLength(22);
    const [waiting] = FakePluginRegistry.of([{ plugin: visualAnalysis }]).analyzers;
    const pool = bench.pool();
    const outcomes: TaskOutcome[] = [];
    let checkpoint: Checkpoint | undefined;
    for (let sequence = 0; sequence < stream.facts.length; sequence++) {
      const job = jobFor(stream, sequence, [waiting!], { checkpoints: { [waiting!.definition.id]: checkpoint } });
      const outcome = await pool.execute({ ...job, tasks: job.tasks.map((task) => ({ ...task, when: 'motion' })) }, never);
      const task = outcome.tasks[0]!;
      outcomes.push(task);
      if (task.status === 'done') checkpoint = { epochId: stream.epochId, sequence, data: task.checkpoint! };
    }
    const said = outcomes.map((task) => (task.status === 'skipped' ? task.reason : task.status));
    for (const sequence of VISITED) expect(said[sequence], `segment ${sequence}: ${said.join(' ')}`).toBe('done');
    expect(said.slice(0, 11)).toEqual(new Array(11).fill('done'));
    expect(new Set(said)).toEqual(new Set(['done', 'no-motion']));
    expect(said.filter((each) => each === 'no-motion').length).toBeGreaterThanOrEqual(6);
  });
});
