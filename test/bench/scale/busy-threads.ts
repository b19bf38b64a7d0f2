import { Worker } from 'node:worker_threads';

/**
 * Burns CPU of its thread until so much is spent, whatever else the machine does meanwhile. The kernel counts a thread's CPU by ticks of some
 * milliseconds: what one job burns too much is taken off the next, so that on the whole it is as much as was asked for.
 */
const BURN = `
const { parentPort, workerData } = require('node:worker_threads');
const spentMs = () => { const { user, system } = process.threadCpuUsage(); return (user + system) / 1000; };
let endMs;
parentPort.on('message', () => {
  endMs = (endMs ?? spentMs()) + workerData;
  let mixed = 1;
  while (spentMs() < endMs) for (let i = 0; i < 5000; i++) mixed = Math.imul(mixed ^ i, 0x9e3779b1);
  parentPort.postMessage(mixed);
});`;

/** Threads that stand for analysis hosts: one job each at a time, every job so many milliseconds of CPU. */
export class BusyThreads {
  private readonly idle: Worker[];
  private readonly waiting: ((thread: Worker) => void)[] = [];

  constructor(count: number, workMs: number) {
    this.idle = Array.from({ length: count }, () => new Worker(BURN, { eval: true, workerData: workMs }));
  }

  async work(): Promise<void> {
    const thread = this.idle.pop() ?? (await new Promise<Worker>((resolve) => this.waiting.push(resolve)));
    await new Promise<void>((resolve, reject) => {
      const onError = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
      thread.once('error', onError);
      thread.once('message', () => {
        thread.off('error', onError);
        resolve();
      });
      thread.postMessage(null);
    });
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(thread);
    else next(thread);
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map((thread) => thread.terminate()));
  }
}
