import { describe, expect, it } from 'vitest';
import type { AnalysisJob, TaskOutcome } from '../plugin-api/index.js';
import { checkOutcome } from './outcome-check.js';

const job = {
  jobId: 'j',
  segment: { epochId: 'e', ptsStartUs: 0, ptsEndUs: 2_000_000 },
  tasks: [
    { runId: '1', analyzerId: 'a' },
    { runId: '2', analyzerId: 'b' },
  ],
} as unknown as AnalysisJob;
const figures = { wallMs: 1, cpuMs: 1, decodeCpuMs: 0, executedBy: 'me' };
const done = (runId: string, more: object = {}): TaskOutcome => ({
  runId,
  status: 'done',
  results: [],
  framesSeen: 1,
  framesExpected: 1,
  cpuMs: 1,
  ...more,
});

describe(checkOutcome.name, () => {
  it('gives back an answer that is one, in the order of the tasks and without what nobody asked for', () => {
    const answer = { ...figures, cost: 0.5, tasks: [done('2'), done('3'), done('1')], more: true };
    expect(checkOutcome(answer, job, 'odd')).toEqual({ ...figures, cost: 0.5, tasks: [done('1'), done('2')] });
  });

  it.each([
    undefined,
    null,
    'done',
    [],
    { outcomes: [] },
    { ...figures },
    { ...figures, tasks: [], wallMs: -1 },
    { ...figures, tasks: [], cost: Infinity },
  ])('refuses %j as a whole, in the name of the strategy', (answer) => {
    expect(() => checkOutcome(answer, job, 'odd')).toThrow(
      expect.objectContaining({
        code: 'VD_PIPELINE_OUTCOME_INVALID',
        message: expect.stringMatching(/^Strategy odd gave no answer to job j: /),
      }),
    );
  });

  it.each<[string, unknown[], string, string]>([
    ['nothing', [], 'VD_PIPELINE_OUTCOME_INCOMPLETE', 'no outcome for a'],
    ['two outcomes', [done('1'), done('1')], 'VD_PIPELINE_OUTCOME_INCOMPLETE', 'several outcomes for a'],
    ['no status', [{ ...done('1'), status: undefined }], 'VD_PIPELINE_OUTCOME_INVALID', 'status: '],
    ['frames that are none', [done('1', { framesSeen: 0.5 })], 'VD_PIPELINE_OUTCOME_INVALID', 'framesSeen: '],
    [
      'a failure without a code',
      [{ runId: '1', status: 'failed', message: 'no', retryable: true }],
      'VD_PIPELINE_OUTCOME_INVALID',
      'code: ',
    ],
    ['a checkpoint that is no JSON', [done('1', { checkpoint: new Map() })], 'VD_PIPELINE_OUTCOME_INVALID', 'checkpoint: holds Map'],
    [
      'results of another time',
      [done('1', { results: [{ type: 'metric', ptsUs: 90_000_000, name: 'n', unit: '1', value: 1 }] })],
      'VD_PIPELINE_OUTCOME_INVALID',
      'Result 0 (metric): ptsUs 90000000 lies outside',
    ],
  ])('fails a task that was given %s, and no other', (_, answers, code, message) => {
    const { tasks } = checkOutcome({ ...figures, tasks: [...answers, null, done('2')] }, job, 'odd');
    expect(tasks).toEqual([{ runId: '1', status: 'failed', code, message: expect.stringContaining(message), retryable: true }, done('2')]);
  });

  it('cuts what is said for a person instead of refusing it', () => {
    const { tasks } = checkOutcome(
      {
        ...figures,
        tasks: [{ runId: '1', status: 'failed', code: 'ACME_BROKEN', message: 'x'.repeat(10_000), retryable: false }, done('2')],
      },
      job,
      'odd',
    );
    expect(tasks[0]).toMatchObject({ code: 'ACME_BROKEN', message: 'x'.repeat(4_096) });
  });
});
