import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SideOptions } from './side.js';

export interface WorkerSettings extends SideOptions {
  readonly kind: 'segments' | 'bare';
  /** Detections per segment. */
  readonly rows: number;
  /** CPU per segment, in each of so many threads. */
  readonly workMs: number;
  readonly threads: number;
}

export type FromWorker = { readonly kind: 'ready' } | { readonly kind: 'processed'; readonly count: number };

/** A worker in a process of its own. */
export class WorkerProcess {
  private processed = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'processed') this.processed = message.count;
    });
  }

  static async start(settings: WorkerSettings): Promise<WorkerProcess> {
    const child = fork(fileURLToPath(new URL('worker-main.ts', import.meta.url)), [JSON.stringify(settings)]);
    const worker = new WorkerProcess(child);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`The worker ended with ${String(code)} before it was ready`))),
    ]);
    return worker;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Jobs of a bare worker so far, in hundreds. */
  get jobs(): number {
    return this.processed;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.send('stop');
    await ended;
  }

  /** As a crash or a power cut ends it. */
  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
