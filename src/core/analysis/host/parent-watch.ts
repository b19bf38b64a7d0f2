import { Worker } from 'node:worker_threads';

const CHECK_INTERVAL_MS = 1000;

/** Runs beside the main thread, which an analyzer may hold for ever: it would never hear that the channel to the worker closed. */
const WATCH = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== workerData.parentPid) process.kill(process.pid, 'SIGKILL');
  }, workerData.intervalMs);
`;

/** Ends this process when its parent is gone, whatever it is doing. */
export function dieWithParent(): void {
  new Worker(WATCH, {
    eval: true,
    workerData: { parentPid: process.ppid, intervalMs: CHECK_INTERVAL_MS },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref();
}
