import { runtimeError } from '../errors/runtime.errors.js';
import { CodedError, errorText, type Logger } from '../plugin-api/index.js';
import type { Role, RoleMessage } from './role.js';

/** Less than the 20 s within which the whole program ends. */
const DRAIN_TIMEOUT_MS = 12_000;

export interface RunningRole {
  readonly detail: Readonly<Record<string, string>>;
  /** Stops taking work, finishes or hands back what is under way, closes. */
  close(): Promise<void>;
}

/**
 * Says whose fault an error is that nobody caught: the error to end with, `settled` where somebody has dealt with it, undefined where
 * nothing is known.
 */
export type Blame = (error: unknown) => CodedError | 'settled' | undefined;

/**
 * The life of one role's process: starts it, tells the parent, ends it well on SIGTERM, on Ctrl-C and when the parent is gone,
 * and ends it with a coded line where an error was foreseen by nobody. Never returns the process to a half-working state.
 */
export class RoleProcess {
  private running: RunningRole | undefined;
  private ending = false;
  private crashed = false;

  constructor(
    private readonly role: Role,
    private logger: Logger,
    private readonly process: NodeJS.Process = globalThis.process,
    private readonly blame: Blame = () => undefined,
  ) {}

  /** From now on, once the config has said how. */
  logTo(logger: Logger): void {
    this.logger = logger;
  }

  async run(start: () => RunningRole | Promise<RunningRole>): Promise<void> {
    const { process } = this;
    process.on('uncaughtException', (error) => this.uncaught(error));
    process.on('unhandledRejection', (error) => this.uncaught(error));
    process.on('SIGTERM', () => void this.end('SIGTERM'));
    // Under `up` this process has a session of its own and never sees the terminal's Ctrl-C.
    process.on('SIGINT', () => void this.end('SIGINT'));
    process.once('disconnect', () => void this.end('the parent process is gone'));
    try {
      this.running = await start();
    } catch (error) {
      this.fail(error);
      return;
    }
    // A worker has many hosts, and replaces them; the worker itself reports them.
    this.logger[this.role === 'analysis-host' ? 'debug' : 'info'](`${this.role} is ready`, { ...this.running.detail });
    this.tell({ type: 'ready', role: this.role, pid: process.pid, detail: this.running.detail });
    // A signal that came while it started had nothing to close yet.
    if (this.ending) await this.close('the start');
  }

  private async end(why: string): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    if (this.running !== undefined) await this.close(why);
    else setTimeout(() => this.process.exit(1), DRAIN_TIMEOUT_MS).unref();
  }

  private async close(why: string): Promise<void> {
    this.logger.info(`${this.role} is stopping`, { reason: why });
    const late = setTimeout(() => {
      this.logger.error(`${this.role} did not stop`, {
        error: runtimeError('VD_RUNTIME_DRAIN_TIMEOUT', `${this.role} was still closing after ${DRAIN_TIMEOUT_MS} ms`),
      });
      this.process.exit(1);
    }, DRAIN_TIMEOUT_MS);
    try {
      await this.running?.close();
      clearTimeout(late);
      this.logger.info(`${this.role} has stopped`);
      this.process.exit(0);
    } catch (error) {
      this.crash(error);
    }
  }

  private uncaught(error: unknown): void {
    const blamed = this.blame(error);
    // One end is enough: what else is thrown until then is of the same crash.
    if (blamed === 'settled' || this.crashed) return;
    this.crashed = true;
    this.crash(blamed ?? error);
  }

  /** A start-up error is foreseen when it is coded; the supervisor decides whether to try again. */
  private fail(error: unknown): void {
    if (!(error instanceof CodedError)) return this.crash(error);
    this.logger.error(`${this.role} cannot start`, { error });
    this.leave(error);
  }

  private crash(cause: unknown): void {
    const error = cause instanceof CodedError ? cause : runtimeError('VD_RUNTIME_CRASHED', `${this.role}: ${errorText(cause)}`, { cause });
    this.logger.error(`${this.role} crashed`, { error });
    this.leave(error);
  }

  private leave(error: CodedError): void {
    const { code, message, fix } = error;
    this.tell({ type: 'failed', role: this.role, error: { code, message, fix } }, () => this.process.exit(1));
    // The parent may not read any more.
    setTimeout(() => this.process.exit(1), 1_000).unref();
  }

  private tell(message: RoleMessage, sent: () => void = () => undefined): void {
    if (this.process.send === undefined || !this.process.connected) return sent();
    this.process.send(message, undefined, undefined, sent);
  }
}
