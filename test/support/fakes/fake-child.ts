import { EventEmitter } from 'node:events';
import type { ChildProcess } from '../../../src/core/children/child-process.js';

let lastPid = 1_000_000;

/**
 * A child process that does what the test says: it hears messages and is killed, and ends when told to.
 * @example const child = new FakeChild<ToHost>(); vi.mocked(forkModule).mockReturnValueOnce(child.asChildProcess);
 */
export class FakeChild<Heard> extends EventEmitter {
  readonly pid: number | undefined;
  connected = true;
  readonly heard: Heard[] = [];
  readonly signals: string[] = [];
  private isOver = false;

  /** @param isStarted false: the machine had no room for a process */
  constructor(isStarted = true) {
    super();
    this.pid = isStarted ? ++lastPid : undefined;
  }

  /** As those who forked it see it. */
  get asChildProcess(): ChildProcess {
    return this as unknown as ChildProcess;
  }

  send(message: Heard, sent?: (error: Error | null) => void): boolean {
    const error = this.connected ? null : new Error('Channel closed');
    if (error === null) this.heard.push(message);
    sent?.(error);
    return error === null;
  }

  kill(signal: string): boolean {
    if (this.isOver) return false;
    this.signals.push(signal);
    return true;
  }

  says(message: object): void {
    if (this.isOver) throw new Error('It is gone and says nothing');
    this.emit('message', message);
  }

  /** Ends, of itself or by the signal it was sent. */
  ends(code: number | null = null, signal: string | null = this.signals.at(-1) ?? null): void {
    if (this.isOver) throw new Error('It has ended already');
    this.isOver = true;
    this.connected = false;
    this.emit('exit', code, signal);
  }
}
