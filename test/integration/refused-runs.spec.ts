import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueFiguresSource } from '../../src/core/queue/queue-figures-source.js';
import type {
  AnalysisJob,
  AnalysisOutcome,
  AnalysisResult,
  AnalyzerTask,
  JobProgress,
  TaskOutcome,
} from '../../src/core/plugin-api/index.js';
import { checkInvariants } from '../faults/invariants.js';
import { until } from '../support/until.js';
import { assignmentsOf } from './support/pipeline-registry.js';
import { done, FakeStrategy, sequenceMetric } from '../support/fakes/fake-strategy.js';
import { PipelineHarness, probed, SEGMENT_US, type TestStream } from './support/pipeline-harness.js';

const MINUTE_US = 60_000_000;

/** Has no room for a job that comes for the first time, or the second. */
class BusyPlace extends FakeStrategy {
  private turns = 0;

  override execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome> {
    progress?.waits();
    if (++this.turns > 2) return super.execute(job, signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('called off'))));
  }
}

/** A run that is refused, or that cannot go on from what it was given, costs itself and no other. */
describe('refused runs', () => {
  let harness: PipelineHarness;
  beforeEach(async () => {
    harness = await PipelineHarness.start({ config: { queues: { attempts: 2, backoff: '20ms' } } });
  });
  afterEach(() => harness.close());

  const runs = (): Promise<{ sequence: number; state: string; error_code: string | null }[]> =>
    harness.rows('SELECT sequence, state, error_code FROM analysis_runs ORDER BY sequence');
  const ended = (count: number): Promise<unknown> =>
    until(`${count} runs ended`, async () => {
      const states = await harness.states();
      return (states['done'] ?? 0) + (states['failed'] ?? 0) === count;
    });
  const failedJob = (): Promise<string> =>
    until('the dead job', async () => (await harness.get(QueueFiguresSource).failed('default', 10))?.[0]?.error);
  /** Answers for each task of each segment, one after another, with a checkpoint that names its segment. */
  const analyzing = (outcome: (job: AnalysisJob, task: AnalyzerTask) => TaskOutcome): FakeStrategy =>
    new FakeStrategy((job) => job.tasks.map((task) => outcome(job, task)));
  const going = (job: AnalysisJob, task: AnalyzerTask, results: readonly AnalysisResult[] = [sequenceMetric(job)]): TaskOutcome =>
    done(task, results, { checkpoint: job.segment.sequence });
  const lasting = (ptsUs: number, phase: 'start' | 'end' = 'start'): AnalysisResult => ({
    type: 'event',
    phase,
    key: 'one',
    name: 'black',
    ptsUs,
  });

  it('are none after a gap of any length, at which an analyzer tells what it gathered before', async () => {
    const gapsUs = [2_000_000, 12_000_000, 10 * MINUTE_US, 120 * MINUTE_US];
    const seen: unknown[] = [];
    await harness.worker(
      analyzing((job, task) => {
        seen.push(task.checkpoint?.data);
        const { sequence, ptsStartUs } = job.segment;
        const before =
          sequence === 0 ? [] : [{ ...sequenceMetric(job), name: 'open second', ptsUs: ptsStartUs - gapsUs[sequence - 1]! - 400_000 }];
        return going(job, task, [...before, sequenceMetric(job)]);
      }),
    );
    const stream = await harness.openStream();
    let startUs = 0;
    const segments = [0, ...gapsUs].map((gapUs, sequence) => {
      const ptsStartUs = startUs + gapUs;
      startUs = ptsStartUs + SEGMENT_US;
      return probed(stream, sequence, { ptsStartUs, ptsEndUs: startUs, keyframePtsUs: [ptsStartUs] });
    });
    for (const { path } of segments) await fileAt(path);
    await harness.bell.ring(await harness.ledger.registerSegments(stream.epochId, segments, assignmentsOf()));
    await ended(segments.length);
    expect((await runs()).map(({ state }) => state)).toEqual(segments.map(() => 'done'));
    expect(seen).toEqual([undefined, 0, 1, 2, 3]);
    const told = await harness.rows<{ pts_us: string }>(`SELECT pts_us FROM metrics WHERE name = 'open second' ORDER BY pts_us`);
    expect(told.map(({ pts_us }) => Number(pts_us))).toEqual(segments.slice(0, -1).map(({ ptsEndUs }) => ptsEndUs - 400_000));
  });

  it('refused by the ledger are told of like any other, and the next segment begins afresh', async () => {
    const seen: unknown[] = [];
    await harness.worker(
      analyzing((job, task) => {
        seen.push(task.checkpoint?.data);
        const { sequence, ptsStartUs } = job.segment;
        if (sequence === 0) return going(job, task, [lasting(ptsStartUs)]);
        // Only the ledger knows where the epoch begins.
        return going(job, task, sequence === 2 ? [lasting(-30_000_000, 'end')] : [sequenceMetric(job)]);
      }),
    );
    const stream = await harness.openStream('yard');
    await harness.registerAndRing(stream, 0, 5);
    await ended(5);
    expect(seen).toEqual([undefined, 0, 1, undefined, 3]);
    expect(await runs()).toMatchObject([{}, {}, { state: 'failed', error_code: 'VD_ANALYZER_BAD_RESULT' }, {}, {}]);
    expect(await harness.states()).toEqual({ done: 4, failed: 1 });
    expect(await failedJob()).toMatch(
      /test\.counter on segment 2 of yard: VD_ANALYZER_BAD_RESULT: Result 0 \(event\): ptsUs -30000000 lies outside/,
    );
    // What was open when the state was lost is not known to have gone on.
    expect(await openAndClosed(stream)).toEqual([
      { state: 'closed', end_reason: 'state-lost', end_pts_us: String(2 * SEGMENT_US), told: true },
    ]);
    expect(await checkInvariants(harness.database.url, { mediaDir: harness.mediaDir, expectations: { idle: true } })).toEqual([]);
  });

  it('from a state that makes the analyzer fail are one, and the state is not used again', async () => {
    const seen: unknown[] = [];
    await harness.worker(
      analyzing((job, task) => {
        seen.push(task.checkpoint?.data);
        if (task.checkpoint?.data === 1)
          return { runId: task.runId, status: 'failed', code: 'ACME_POISONED', message: 'as told', retryable: true };
        return going(job, task);
      }),
    );
    await harness.registerAndRing(await harness.openStream(), 0, 5);
    await ended(5);
    expect(seen).toEqual([undefined, 0, 1, 1, undefined, 3]);
    expect(await runs()).toMatchObject([{}, {}, { state: 'failed', error_code: 'ACME_POISONED' }, {}, {}]);
  });

  it('by an unreadable segment leave the state as it was', async () => {
    const seen: unknown[] = [];
    await harness.worker(
      analyzing((job, task) => {
        seen.push(task.checkpoint?.data);
        if (job.segment.sequence === 1)
          return { runId: task.runId, status: 'failed', code: 'VD_MEDIA_UNREADABLE', message: 'as told', retryable: false };
        return going(job, task);
      }),
    );
    const stream = await harness.openStream();
    await harness.registerAndRing(stream, 0, 4);
    await ended(4);
    expect(seen).toEqual([undefined, 0, 0, 2]);
  });

  it('of a strategy that answers nonsense say so, in its name, and never that a worker died', async () => {
    const strategy = new FakeStrategy();
    strategy.execute = () => Promise.resolve({ outcomes: [] } as unknown as AnalysisOutcome);
    await harness.worker(strategy);
    await harness.registerAndRing(await harness.openStream(), 0, 1);
    await ended(1);
    expect(await harness.rows('SELECT attempt, state, error_code, error_message FROM analysis_runs')).toEqual([
      {
        attempt: 2,
        state: 'failed',
        error_code: 'VD_PIPELINE_OUTCOME_INVALID',
        error_message: expect.stringMatching(/^Strategy fake gave no answer to job .*: tasks: /),
      },
    ]);
    expect(await failedJob()).toContain('VD_PIPELINE_OUTCOME_INVALID: Strategy fake gave no answer');
  });

  it('that only waited for their turn count no attempt', async () => {
    await harness.close();
    harness = await PipelineHarness.start({ config: { queues: { attempts: 1 }, analysis: { jobTimeout: '100ms' } } });
    await harness.worker(new BusyPlace());
    await harness.registerAndRing(await harness.openStream(), 0, 1);
    await ended(1);
    expect(await harness.rows('SELECT state, attempt, deferrals FROM analysis_runs')).toEqual([
      { state: 'done', attempt: 3, deferrals: 2 },
    ]);
  });

  async function fileAt(path: string): Promise<void> {
    const file = join(harness.mediaDir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'x');
  }

  const openAndClosed = ({ epochId }: TestStream): Promise<unknown[]> =>
    harness.rows(
      `SELECT v.state, v.end_reason, v.end_pts_us, EXISTS (SELECT 1 FROM feed f WHERE f.kind = 'event.closed'
        AND f.payload->>'eventId' = v.id::text) AS told
       FROM events v WHERE v.epoch_id = $1`,
      [epochId],
    );
});
