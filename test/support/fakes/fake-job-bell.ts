import { JobBell, type PendingJob } from '../../../src/core/persistence/ledger/ingest-ledger.js';

/** Keeps what was rung for. */
export class FakeJobBell extends JobBell {
  readonly rung: PendingJob[] = [];
  down: Error | null = null;

  async ring(jobs: readonly PendingJob[]): Promise<void> {
    await Promise.resolve();
    if (this.down !== null) throw this.down;
    this.rung.push(...jobs);
  }
}
