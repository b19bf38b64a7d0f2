import type { ChildProcess } from '../../children/child-process.js';
import type { MediaFailure, MediaListener, OpenMedia } from '../../plugin-api/index.js';
import { doneWithin } from '../../runtime/within.js';
import { StallWatch } from '../packaging/stall-watch.js';
import { MessageParser, type FromReader } from './reader-messages.js';

/** A word to the source, and the rest of what has come. */
const CLOSE_MS = 1500;

export interface ReadingLimits {
  readonly openTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** One process that reads one source. Ends it when it says nothing for too long. */
export class ReadingProcess implements OpenMedia {
  readonly done: Promise<MediaFailure | undefined>;
  private readonly end = Promise.withResolvers<MediaFailure | undefined>();
  private readonly parser = new MessageParser();
  private watch: StallWatch | undefined;
  private failure: MediaFailure | undefined;
  private isOpen = false;
  private hasEnded = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly child: ChildProcess,
    private readonly listener: MediaListener,
    private readonly limits: ReadingLimits,
  ) {
    this.done = this.end.promise;
    this.watchOn();
    child.stdout?.on('data', (chunk: Buffer) => this.received(chunk));
    // It is gone, or will not read on: its exit says so.
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => this.ended(error.message));
    // After its output was read to the end.
    child.once('close', (code, signal) => this.ended(signal ?? `code ${code}`));
  }

  write(chunk: Uint8Array): boolean {
    const { stdin } = this.child;
    return stdin != null && stdin.writable && stdin.write(chunk);
  }

  async drained(): Promise<void> {
    const { stdin } = this.child;
    if (stdin == null || !stdin.writable || !stdin.writableNeedDrain) return;
    await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), this.done]);
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  /** Who is asked to wait is not waited for. */
  pause(): void {
    this.watch?.stop();
    this.watch = undefined;
    this.child.stdout?.pause();
  }

  resume(): void {
    if (this.watch === undefined && this.closing === undefined && !this.hasEnded) this.watchOn();
    this.child.stdout?.resume();
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    this.watch?.stop();
    // What comes from now on is read so that the process is not held, and goes nowhere.
    this.child.stdout?.resume();
    this.child.stdin?.destroy();
    // Any word means that. Its end of the channel is left to it: a process whose channel was closed from here never counts as closed.
    if (this.child.connected) this.child.send('close', () => undefined);
    if (!(await doneWithin(CLOSE_MS, this.done))) this.child.kill('SIGKILL');
    await this.done;
  }

  private watchOn(): void {
    const { openTimeoutMs, stallTimeoutMs } = this.limits;
    this.watch = new StallWatch({
      timeoutMs: stallTimeoutMs,
      startTimeoutMs: this.isOpen ? stallTimeoutMs : openTimeoutMs,
      onStall: (idleMs) => this.kill({ kind: this.isOpen ? 'stalled' : 'timeout', detail: `nothing came for ${Math.round(idleMs)} ms` }),
    });
  }

  private received(chunk: Buffer): void {
    if (this.closing !== undefined || this.failure !== undefined) return;
    try {
      for (const message of this.parser.push(chunk)) this.heard(message);
    } catch (error) {
      this.kill({ kind: 'reader-died', detail: `it said what cannot be understood: ${String(error)}` });
    }
  }

  private heard(message: FromReader): void {
    const { listener } = this;
    switch (message.type) {
      case 'frame':
        this.watch?.progress();
        return listener.frame(message.frame);
      case 'opened':
        this.isOpen = true;
        this.watch?.progress();
        return listener.opened(message.facts);
      case 'video':
        return listener.video({ codec: message.codec, configuration: message.configuration });
      case 'audio':
        return listener.audio({ codec: message.codec, configuration: message.configuration });
      case 'lost':
        return listener.lost(message.reason, message.track);
      case 'notice':
        return listener.notice(message.text);
      case 'failed':
        this.failure = message.failure;
    }
  }

  private kill(failure: MediaFailure): void {
    this.failure ??= failure;
    this.child.kill('SIGKILL');
  }

  private ended(how: string): void {
    this.hasEnded = true;
    this.watch?.stop();
    this.end.resolve(this.closing === undefined ? (this.failure ?? { kind: 'reader-died', detail: `it ended with ${how}` }) : undefined);
  }
}
