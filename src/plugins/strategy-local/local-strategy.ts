import type { AnalysisHostPool, AnalysisJob, AnalysisOutcome, ExecutionStrategy, JobProgress, Quote, StrategyHealth } from 'vedette/plugin';

/** Weight of the newest job in the mean. */
const NEWEST = 0.2;

/** Every task, at no cost, on the pool of analysis hosts that core keeps on this machine. */
export class LocalStrategy implements ExecutionStrategy {
  /** What jobs took lately, whatever they were. */
  private meanJobMs = 0;

  constructor(private readonly pool: AnalysisHostPool) {}

  supports(): boolean {
    return true;
  }

  /** Free of charge; its wait is what lies before it in the pool, at the pace of the jobs before. */
  quote(): Quote {
    const { capacity, running, waiting } = this.pool.load();
    const ahead = running + waiting - capacity + 1;
    const startDelayMs = capacity === 0 || ahead <= 0 ? 0 : (ahead / capacity) * this.meanJobMs;
    return { startDelayMs, costPerJob: 0 };
  }

  async execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome> {
    const outcome = await this.pool.execute(job, signal, progress);
    this.meanJobMs = this.meanJobMs === 0 ? outcome.wallMs : this.meanJobMs * (1 - NEWEST) + outcome.wallMs * NEWEST;
    return outcome;
  }

  discard(job: AnalysisJob): void {
    this.pool.discard(job);
  }

  health(): StrategyHealth {
    return this.pool.health();
  }
}
