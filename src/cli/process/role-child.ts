import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { doneWithin } from '../../core/runtime/within.js';
import { forkModule, type ChildEnvironment, type ChildProcess } from '../../core/children/child-process.js';
import type { CommandWrapper } from '../../core/children/confinement.js';
import { runtimeError } from '../../core/errors/runtime.errors.js';
import { CodedError } from '../../core/plugin-api/error.js';
import type { RoleMessage, RoleReady } from '../../core/runtime/role.js';
import { signalGroup } from './process-group.js';

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 15_000;
/** A role that ran this long is well: its next crash starts the back-off afresh. */
const WELL_AFTER_MS = 30_000;
/** As many crashes in a row are a loop, and said so. */
const LOOP_AFTER_CRASHES = 5;

export interface RoleChildOptions {
  /** Name in logs and run files; `worker-2` for a second worker. */
  readonly name: string;
  readonly entry: string;
  readonly args: readonly string[];
  readonly environment: ChildEnvironment;
  /** Starts it as somebody else. */
  readonly wrapper?: CommandWrapper | undefined;
  /** What it gets in place of a config file and an environment of its own. */
  readonly handOver?: unknown;
  /** Every line of the child's output. */
  readonly onLine: (line: string) => void;
}

interface Events {
  spawned: [pid: number];
  ready: [message: RoleReady];
  /** Ended without being asked to; `restartInMs` tells when it is started again. */
  crashed: [error: CodedError, restartInMs: number, looping: boolean];
}

/**
 * One role as a supervised child process, restarted with back-off when it ends unasked. It leads a process group of its own:
 * Ctrl-C in the terminal reaches the supervisor only, and what the role started can be ended with it.
 */
export class RoleChild extends EventEmitter<Events> {
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private crashes = 0;
  private reason: CodedError | undefined;

  constructor(private readonly options: RoleChildOptions) {
    super();
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const startedAtMs = performance.now();
    const { entry, args, environment: env, wrapper, handOver, onLine } = this.options;
    const child = forkModule(entry, args, {
      ...{ env, handOver, confinement: wrapper },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.child = child;
    this.reason = undefined;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
    }
    child.on('message', (message) => this.received(message as RoleMessage));
    child.once('error', (cause) => {
      this.reason = runtimeError('VD_RUNTIME_ROLE_ENDED', `${this.name} could not be started: ${cause.message}`, { cause });
      if (child.pid === undefined) this.ended(child, startedAtMs, 'was not started');
    });
    child.once('exit', (code, signal) =>
      this.ended(child, startedAtMs, signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
    if (child.pid !== undefined) this.emit('spawned', child.pid);
  }

  /**
   * Asks the role to end; ends its whole group by force after `patienceMs`.
   * @returns whether it ended by itself
   */
  async stop(patienceMs: number): Promise<boolean> {
    this.stopping = true;
    clearTimeout(this.restart);
    const child = this.child;
    if (child?.pid === undefined) return true;
    const { pid } = child;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const well = await doneWithin(patienceMs, exited);
    signalGroup(pid, 'SIGKILL');
    return well;
  }

  /** For exit handlers, where nothing asynchronous runs any more. */
  kill(): void {
    this.stopping = true;
    clearTimeout(this.restart);
    if (this.child?.pid !== undefined) signalGroup(this.child.pid, 'SIGKILL');
  }

  private received(message: RoleMessage): void {
    if (message.type === 'ready') this.emit('ready', message);
    else if (message.type === 'failed') this.reason = new CodedError(message.error.code, message.error.message, message.error.fix);
  }

  private ended(child: ChildProcess, startedAtMs: number, how: string): void {
    if (child !== this.child) return;
    this.child = undefined;
    // What it started (ffmpeg, analysis hosts) would otherwise write beside the role's successor.
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    if (this.stopping) return;
    this.crashes = performance.now() - startedAtMs > WELL_AFTER_MS ? 1 : this.crashes + 1;
    const restartInMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.crashes - 1));
    this.restart = setTimeout(() => this.start(), restartInMs);
    const error = this.reason ?? runtimeError('VD_RUNTIME_ROLE_ENDED', `${this.name} ${how}`);
    this.emit('crashed', error, restartInMs, this.crashes >= LOOP_AFTER_CRASHES);
  }
}
