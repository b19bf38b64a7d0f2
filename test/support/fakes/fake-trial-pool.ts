import type { TrialReferences } from '../../../src/core/analysis/trial-pool.js';
import type { AnalysisJob, AnalysisOutcome, TaskOutcome } from '../../../src/core/plugin-api/index.js';

/** Keeps what it was asked, and answers every job as the test says. */
export class FakeTrialPool {
  readonly asked: { readonly jobs: readonly AnalysisJob[]; readonly references: TrialReferences }[] = [];
  /** Of one job; what it throws is thrown. */
  answer: (job: AnalysisJob) => TaskOutcome = ({ tasks }) => ({
    ...{ runId: tasks[0]!.runId, status: 'done', results: [], framesSeen: 1, framesExpected: 1, cpuMs: 1 },
  });

  async run(jobs: readonly AnalysisJob[], references: TrialReferences): Promise<AnalysisOutcome[]> {
    this.asked.push({ jobs, references });
    return jobs.map((job) => ({ tasks: [this.answer(job)], wallMs: 1, cpuMs: 1, decodeCpuMs: 0, executedBy: 'test' }));
  }
}
