import type {
  EncodedFrame,
  EpochHandle,
  EpochOpening,
  FrameLoss,
  Logger,
  PackagerInput,
  PublishAttempt,
  PublishGate,
  PublishGrant,
  SourceContext,
  SourceState,
} from 'vedette/plugin';
import { writeFlv } from './flv-writer.js';

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** One epoch as core would have got it. */
export class CapturedEpoch implements EpochHandle {
  readonly frames: EncodedFrame[] = [];
  readonly losses: FrameLoss[] = [];
  private readonly stopped = Promise.withResolvers<{ reason: string; error?: Error }>();
  private readonly drains = new Set<() => void>();
  /** Whether the packager's buffer is said to be full. */
  full = false;
  endedBecause: string | undefined;
  endedAtMs: number | undefined;

  constructor(
    readonly epochId: string,
    readonly opening: EpochOpening,
    private readonly changed: () => void,
  ) {}

  get done(): Promise<{ reason: string; error?: Error }> {
    return this.stopped.promise;
  }

  get input(): PackagerInput & { readonly kind: 'frames' } {
    const { input } = this.opening;
    if (input.kind !== 'frames') throw new Error('The adapter gives frames');
    return input;
  }

  /** All frames so far as an FLV file. */
  get bytes(): Buffer {
    return writeFlv(this.input, this.frames);
  }

  get sizeBytes(): number {
    return this.frames.reduce((sum, { data }) => sum + data.length, 0);
  }

  write(): boolean {
    throw new Error('The adapter gives frames');
  }

  put(frame: EncodedFrame): boolean {
    if (this.endedBecause !== undefined) throw new Error('put after its end');
    this.frames.push(frame);
    this.changed();
    return !this.full;
  }

  lost(loss: FrameLoss): void {
    this.losses.push(loss);
    this.changed();
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.drains.add(resolve));
  }

  drain(): void {
    this.full = false;
    for (const resolve of this.drains) resolve();
    this.drains.clear();
  }

  async end(reason: string): Promise<void> {
    this.stop(reason);
  }

  /** What core does when it revokes a key, or when the packager dies. */
  stop(reason: string, error?: Error): void {
    if (this.endedBecause !== undefined) return;
    this.endedBecause = reason;
    this.endedAtMs = performance.now();
    this.stopped.resolve({ reason, error });
    this.changed();
  }
}

/** One stream of the gate: its key, its epochs, its reports. */
export class CapturedStream implements SourceContext {
  readonly silenceTimeoutMs = 3000;
  readonly logger = silent;
  readonly epochs: CapturedEpoch[] = [];
  /** Of frames that belong to no epoch. */
  readonly losses: FrameLoss[] = [];
  readonly reports: { readonly state: SourceState; readonly detail?: string }[] = [];
  /** Set to make core unable to open an epoch. */
  openError: Error | undefined;
  /** Awaited before an epoch opens. */
  opening: Promise<void> = Promise.resolve();

  constructor(
    readonly streamId: string,
    private readonly changed: () => void,
  ) {}

  get streamName(): string {
    return this.streamId;
  }

  async openEpoch(opening: EpochOpening): Promise<EpochHandle> {
    await this.opening;
    if (this.openError !== undefined) throw this.openError;
    const epoch = new CapturedEpoch(`${this.streamId}-${this.epochs.length}`, opening, this.changed);
    this.epochs.push(epoch);
    this.changed();
    return epoch;
  }

  lost(loss: FrameLoss): void {
    this.losses.push(loss);
    this.changed();
  }

  report(state: SourceState, detail?: string): void {
    this.reports.push({ state, detail });
    this.changed();
  }
}

/** Core's side of the listener, in memory: `gate.stream('key')` makes a key valid. */
export class FakePublishGate implements PublishGate {
  private readonly streams = new Map<string, CapturedStream>();
  private readonly watchers = new Set<() => void>();
  /** What came with the keys. */
  readonly attempts: PublishAttempt[] = [];
  /** Keys that opened nothing. */
  readonly refusedKeys: string[] = [];
  /** Codes of what the listener refused by itself, by the peer's address. */
  readonly refusals: { readonly remote: string; readonly code: string }[] = [];
  /** Awaited before an answer is given. */
  answering: Promise<void> = Promise.resolve();

  /** The stream a key opens; several keys may name one stream. */
  stream(key: string, streamId?: string): CapturedStream {
    const known =
      streamId === undefined ? this.streams.get(key) : [...this.streams.values()].find((stream) => stream.streamId === streamId);
    if (known !== undefined && this.streams.get(key) === known) return known;
    const stream = known ?? new CapturedStream(streamId ?? `stream-${this.streams.size}`, () => this.changed());
    this.streams.set(key, stream);
    return stream;
  }

  async authorise(key: string, _remote: string, attempt: PublishAttempt = {}): Promise<PublishGrant | { readonly refused: string }> {
    this.attempts.push(attempt);
    this.changed();
    await this.answering;
    const context = this.streams.get(key);
    if (context !== undefined) return { context };
    this.refusedKeys.push(key);
    this.changed();
    return { refused: 'VD_INGEST_KEY_UNKNOWN' };
  }

  refused(remote: string, code: string): void {
    this.refusals.push({ remote, code });
  }

  /** Waits for something to become true of what was captured. */
  async until(condition: () => boolean, what: string, timeoutMs = 8000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => (condition() ? resolve() : undefined);
    const timer = setTimeout(() => reject(new Error(`Not within ${timeoutMs} ms: ${what}`)), timeoutMs);
    this.watchers.add(check);
    check();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.watchers.delete(check);
    }
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher();
  }
}
