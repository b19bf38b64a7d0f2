import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { residentBytes } from '../runtime/resident-memory.js';
import { forkModule, type ChildProcess } from '../children/child-process.js';
import type { Confinement } from '../children/confinement.js';
import { programEnvironment } from '../config/child-environment.js';
import { modelError } from '../errors/model.errors.js';
import type { TensorInfo } from '../plugin-api/index.js';
import type { Backend, FromProbe, ProbeJob, ToProbe } from './probe-protocol.js';
import { smallestSizes } from './sample-input.js';
import { errorText } from '../plugin-api/error.js';

const MEMORY_POLL_MS = 20;
/** More than any model has to say of one picture. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;
/** What the kernel refuses, far above where the process is ended from here: what is reserved and hardly used counts there. */
const HARD_LIMIT_FACTOR = 8;
const LEAST_HARD_LIMIT_BYTES = 8 * 1024 ** 3;
const KEPT_STDERR = 2_000;

export interface ProbeLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** What the process found out before it ended, and why that is a refusal. */
export interface ProbeFindings {
  refusal: { readonly code: string; readonly message: string } | null;
  note: string | null;
  inputs: readonly TensorInfo[];
  outputs: readonly TensorInfo[];
  openMs: number | null;
  runMs: number | null;
  peakBytes: number | null;
  backends: readonly Backend[];
}

/** `probe-child` beside this file, as source or as built. */
export const PROBE_ENTRY = fileURLToPath(
  new URL(existsSync(new URL('./probe-child.js', import.meta.url)) ? './probe-child.js' : './probe-child.ts', import.meta.url),
);

/** One process that opens one file and runs it; ended when it takes too long or too much. */
export class ProbeProcess {
  private readonly found: ProbeFindings = {
    refusal: null,
    note: null,
    inputs: [],
    outputs: [],
    openMs: null,
    runMs: null,
    peakBytes: null,
    backends: [],
  };
  private readonly child: ChildProcess;
  private step: 'starting' | 'opened' | 'running' | 'over' = 'starting';
  private hasStarted = false;
  private sizes: number[][][] = [];
  private stderr = '';

  /** @param entry the script to run; another one in tests only */
  constructor(
    private readonly job: ProbeJob,
    private readonly limits: ProbeLimits,
    entry = PROBE_ENTRY,
    confinement?: Confinement,
  ) {
    this.child = forkModule(entry, [JSON.stringify(job)], {
      env: programEnvironment(),
      execArgv: ['--max-old-space-size=256'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe'],
      confinement,
      limits: { memoryBytes: Math.max(LEAST_HARD_LIMIT_BYTES, HARD_LIMIT_FACTOR * limits.memoryBytes), fileBytes: 0 },
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr = (this.stderr + text).slice(-KEPT_STDERR)));
  }

  /** @throws VD_MODEL_PROBE_UNAVAILABLE when no process could be started: that says nothing of the file */
  async findings(): Promise<ProbeFindings> {
    const { timeoutMs } = this.limits;
    const deadline = setTimeout(
      () => this.refuse('VD_MODEL_PROBE_TIMEOUT', `it was still being ${this.doing} after ${timeoutMs} ms`),
      timeoutMs,
    );
    const memory = setInterval(() => this.checkMemory(), MEMORY_POLL_MS);
    try {
      const how = await new Promise<string>((resolve, reject) => {
        this.child.once('error', reject);
        this.child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
        this.child.on('message', (message) => this.received(message as FromProbe));
      });
      if (!this.hasStarted && this.found.refusal === null) throw new Error(`it ended with ${how} before it began. ${this.lastWords}`);
      if (this.step !== 'over')
        this.refuse('VD_MODEL_CRASHED', `the process ended with ${how} while the model was ${this.doing}. ${this.lastWords}`.trim());
      return this.found;
    } catch (cause) {
      throw modelError('VD_MODEL_PROBE_UNAVAILABLE', `${this.job.file}: ${errorText(cause)}`, { cause });
    } finally {
      clearTimeout(deadline);
      clearInterval(memory);
      this.child.kill('SIGKILL');
    }
  }

  private get doing(): string {
    return this.step === 'running' ? 'run' : 'opened';
  }

  /** The line of standard error that is most likely to say why. */
  private get lastWords(): string {
    return this.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  }

  private received(message: FromProbe): void {
    if (this.step === 'over') return;
    const found = this.found;
    switch (message.type) {
      case 'started':
        this.hasStarted = true;
        found.backends = message.backends;
        return;
      case 'opened':
        found.inputs = message.inputs;
        found.outputs = message.outputs;
        found.openMs = message.openMs;
        this.sizes = smallestSizes(message.inputs);
        this.step = 'running';
        this.tell(this.sizes.shift() ?? []);
        return;
      case 'ran':
        found.runMs = message.runMs;
        if (message.outputBytes > MAX_OUTPUT_BYTES)
          return this.refuse('VD_MODEL_PROBE_MEMORY', `it answers one item with ${message.outputBytes} bytes`);
        found.note = null;
        return this.end();
      case 'failed':
        return this.failed(message);
    }
  }

  private failed({ step, message }: FromProbe & { type: 'failed' }): void {
    if (/bad_alloc|failed to allocate memory/i.test(message))
      return this.refuse('VD_MODEL_PROBE_MEMORY', `there is not the memory to ${step} it: ${message}`);
    if (step === 'open') return this.refuse('VD_MODEL_LOAD_FAILED', message);
    // A clean "no" to zeros, or to these sizes, harms nobody: the analyzer knows what the model takes.
    this.found.note = `did not run on zeros: ${message}`;
    const next = this.sizes.shift();
    if (next === undefined) this.end();
    else this.tell(next);
  }

  private tell(sizes: number[][]): void {
    const message: ToProbe = { type: 'run', sizes };
    this.child.send(message, () => undefined);
  }

  private checkMemory(): void {
    const rssBytes = this.child.pid === undefined ? undefined : residentBytes(this.child.pid);
    if (rssBytes === undefined) return;
    this.found.peakBytes = Math.max(rssBytes, this.found.peakBytes ?? 0);
    if (rssBytes > this.limits.memoryBytes) {
      this.refuse('VD_MODEL_PROBE_MEMORY', `it took ${rssBytes} bytes while it was ${this.doing}; the limit is ${this.limits.memoryBytes}`);
    }
  }

  private refuse(code: string, message: string): void {
    this.found.refusal ??= { code, message };
    this.end();
  }

  private end(): void {
    this.step = 'over';
    this.child.kill('SIGKILL');
  }
}
