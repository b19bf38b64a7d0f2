import type { AnalysisHostPool, AnalysisJob, AnalysisOutcome, ExecutionStrategy, Quote, StrategyHealth } from 'vedette/plugin';

/** Every task, at no cost, on the pool of analysis hosts that core keeps on this machine. */
export class LocalStrategy implements ExecutionStrategy {
  constructor(private readonly pool: AnalysisHostPool) {}

  supports(): boolean {
    return true;
  }

  /** Free of charge; how long it takes is not known beforehand. */
  quote(): Quote {
    return { startDelayMs: 0, runMs: 0, costPerJob: 0 };
  }

  execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome> {
    return this.pool.execute(job, signal);
  }

  discard(job: AnalysisJob): void {
    this.pool.discard(job);
  }

  health(): StrategyHealth {
    return this.pool.health();
  }
}
