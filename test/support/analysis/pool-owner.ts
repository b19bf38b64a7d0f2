import type { AnalysisJob } from '../../../src/core/plugin-api/index.js';
import { startHostPool, type HostSettings } from './host-pool.js';

// Stands for a worker: owns a pool, tells its hosts' pids, gives them the job it is sent, and waits to be killed.
const settings = JSON.parse(process.argv[2] ?? '{}') as HostSettings;
const pool = startHostPool(settings, { hosts: 2 });
process.on('message', (job: AnalysisJob) => {
  pool.execute(job, new AbortController().signal).then(
    () => process.send?.(pool.pids),
    () => undefined,
  );
});
