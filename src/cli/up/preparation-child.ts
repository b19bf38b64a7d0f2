import { fileURLToPath } from 'node:url';
import { forkModule, type ChildProcess } from '../../core/children/child-process.js';
import { nodeEnvironment, variablesToHandOver } from '../../core/config/child-environment.js';
import { CodedError } from '../../core/plugin-api/error.js';
import type { OptionsOf, ResultOf, StepAnswer, StepError, StepName, StepOrder } from './preparation.js';

const ENTRY = fileURLToPath(new URL('./preparation-process.js', import.meta.url));

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Has a process of its own prepare the start: reading the config, checking plugins and bringing the database up to date takes the
 * framework, TypeORM and every plugin, about 80 MB that `vedette up` would keep for as long as everything runs.
 * @example const loaded = await preparation.step('read', {});
 */
export class Preparation {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<StepName, Waiting>();
  private ended: Error | undefined;

  constructor(entry = ENTRY) {
    this.child = forkModule(entry, [], {
      env: nodeEnvironment(),
      handOver: { variables: variablesToHandOver() },
      stdio: ['ignore', 'inherit', 'inherit'],
      serialization: 'advanced',
      // Ctrl-C in the terminal is for `vedette up`, which ends this process when it is time.
      detached: process.platform !== 'win32',
    });
    this.child.on('message', (message) => this.answered(message as StepAnswer));
    this.child.once('error', (error) => this.lost(error));
    this.child.once('exit', (code, signal) =>
      this.lost(new Error(`The process that prepares the start ended with ${signal ?? `exit code ${code}`}`)),
    );
  }

  /** Has one step done; each is asked for once at a time. @throws what the step threw: coded errors with their code and fix */
  step<S extends StepName>(step: S, options: OptionsOf<S>): Promise<ResultOf<S>> {
    return new Promise<ResultOf<S>>((resolve, reject) => {
      if (this.ended !== undefined) return reject(this.ended);
      this.waiting.set(step, { resolve, reject });
      // What cannot be sent is answered by the process's end.
      this.child.send({ step, options } satisfies StepOrder, () => undefined);
    });
  }

  /** Idempotent; a step under way is given up. */
  end(): void {
    this.child.kill('SIGKILL');
  }

  private answered(message: StepAnswer): void {
    const waiting = this.waiting.get(message.step);
    this.waiting.delete(message.step);
    if ('error' in message) waiting?.reject(errorOf(message.error));
    else waiting?.resolve(message.result as never);
  }

  private lost(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }
}

function errorOf({ message, code, fix, stack }: StepError): Error {
  return code === undefined ? Object.assign(new Error(message), stack === undefined ? {} : { stack }) : new CodedError(code, message, fix);
}
