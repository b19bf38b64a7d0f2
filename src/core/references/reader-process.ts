import { within } from '../runtime/within.js';
import { forkModule, type ChildProcess } from '../children/child-process.js';
import { readsOnly } from '../children/reads-only.js';
import { pathEnvironment } from '../config/child-environment.js';
import type { LazyConfinement } from '../config/child-confinement.js';
import { analysisError, analysisErrors } from '../errors/analysis.errors.js';
import { residentBytes } from '../runtime/resident-memory.js';
import { brandError, brandErrors } from '../errors/brand.errors.js';
import type { FromReader, ReadAnswers, ReadRequest } from './reader/reader-protocol.js';
import { errorText } from '../plugin-api/error.js';

const START_TIMEOUT_MS = 30_000;
const MEMORY_POLL_MS = 100;
/** What the kernel refuses, far above the limit that is held from here: what is reserved and hardly used counts there. */
const HARD_LIMIT_BYTES = 8 * 1024 ** 3;
const SCRIPT_HEAP_MB = 256;

/** How the reading process is started, and what it may use. */
export interface ReaderLaunch {
  /** The file that is forked. */
  readonly entry: string;
  readonly execArgv: readonly string[];
  /** For one picture. */
  readonly timeoutMs: number;
  /** Resident memory; held where the system has /proc. */
  readonly memoryLimitBytes: number;
  readonly confinement?: LazyConfinement;
}

/** A reader that ended while it read: the picture's doing. */
export class ReaderEnded extends Error {
  constructor(
    readonly why: 'timeout' | 'memory' | 'crash',
    message: string,
  ) {
    super(message);
  }
}

interface Question {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** One forked process that reads pictures: one question at a time, killed when it takes too long or too much. */
export class ReaderProcess {
  private asked: Question | undefined;
  private nextId = 1;
  private gone = false;
  private killedFor: ReaderEnded | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly launch: ReaderLaunch,
  ) {
    child.on('message', (message) => this.received(message as FromReader));
    child.once('exit', (code, signal) => this.ended(signal ?? `code ${code}`));
  }

  /** @throws VD_PICTURE_READER_DOWN */
  static async start(launch: ReaderLaunch): Promise<ReaderProcess> {
    const child = forkModule(launch.entry, [], {
      serialization: 'advanced',
      env: pathEnvironment(),
      execArgv: [...readsOnly(SCRIPT_HEAP_MB), ...launch.execArgv],
      stdio: ['ignore', 'ignore', 'ignore'],
      confinement: await launch.confinement?.(),
      limits: { memoryBytes: HARD_LIMIT_BYTES, fileBytes: 0 },
    });
    try {
      await ready(child);
    } catch (cause) {
      child.kill('SIGKILL');
      throw brandError('VD_PICTURE_READER_DOWN', `The picture reader did not start: ${errorText(cause)}`, { cause });
    }
    return new ReaderProcess(child, launch);
  }

  get isUsable(): boolean {
    return !this.gone && this.asked === undefined && this.child.connected;
  }
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws ReaderEnded, and what the reader found: VD_BRAND_IMAGE_*, VD_FRAME_* */
  async ask<T extends ReadRequest>(request: T): Promise<ReadAnswers[T['type']]> {
    if (!this.isUsable) throw new ReaderEnded('crash', 'The reader is gone');
    const { timeoutMs, memoryLimitBytes } = this.launch;
    const late = setTimeout(() => this.end('timeout', `Reading it took longer than ${timeoutMs / 1_000} s`), timeoutMs);
    const memory = setInterval(() => {
      const usedBytes = this.child.pid === undefined ? undefined : residentBytes(this.child.pid);
      if (usedBytes !== undefined && usedBytes > memoryLimitBytes)
        this.end('memory', `Reading it took more than ${Math.round(memoryLimitBytes / 1e6)} MB of memory`);
    }, MEMORY_POLL_MS);
    try {
      return await new Promise<ReadAnswers[T['type']]>((resolve, reject) => {
        this.asked = { resolve, reject };
        // A failure to send means that the process is going; its exit settles the question.
        this.child.send({ id: this.nextId, request }, () => undefined);
      });
    } finally {
      clearTimeout(late);
      clearInterval(memory);
      this.asked = undefined;
      this.nextId += 1;
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private end(why: ReaderEnded['why'], message: string): void {
    this.killedFor ??= new ReaderEnded(why, message);
    this.kill();
  }

  private received(message: FromReader): void {
    if (message.type === 'ready' || message.id !== this.nextId) return;
    if (message.type === 'answer') this.asked?.resolve(message.answer as never);
    else this.asked?.reject(refusal(message));
  }

  private ended(how: string): void {
    this.gone = true;
    this.asked?.reject(this.killedFor ?? new ReaderEnded('crash', `Reading it ended the reader (${how})`));
  }
}

function refusal({ code, message }: { readonly code: string; readonly message: string }): Error {
  if (code in brandErrors) return brandError(code as keyof typeof brandErrors, message);
  return code in analysisErrors ? analysisError(code as keyof typeof analysisErrors, message) : new ReaderEnded('crash', message);
}

function ready(child: ChildProcess): Promise<void> {
  const started = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? `code ${code}`}`)));
  });
  return within(START_TIMEOUT_MS, started, () => new Error(`not ready within ${START_TIMEOUT_MS} ms`));
}
