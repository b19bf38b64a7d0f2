import { doneWithin } from '../runtime/within.js';
import type { Packaging } from '../media/packaging/packager.js';
import type { EncodedFrame, EpochHandle, FrameLoss, PtsUs, SegmentAnswer, SegmentOffer } from '../plugin-api/index.js';

/** How long the end of an epoch waits for the ledger; registering goes on after it. */
const REGISTER_WAIT_MS = 1000;

/** An epoch that is being written, as its adapter holds it. */
export class LiveEpoch implements EpochHandle {
  readonly done: EpochHandle['done'];
  /** Settles when the ledger has all of it too, or the ingest role stopped; never rejects. */
  readonly settled: Promise<void>;
  private reason: string | undefined;
  private hasEnded = false;
  /** It stays open: what it told of after this was said is of no account. */
  isLeft = false;

  constructor(
    readonly epochId: string,
    readonly streamId: string,
    private readonly packaging: Packaging,
    finish: (reason: string, error: Error | undefined) => Promise<void>,
    /** Takes what is lost when the ledger has all of the epoch. */
    private readonly loseLate: (loss: FrameLoss) => Promise<void>,
    private readonly isRecorded = false,
    readonly goesOnAtUs?: PtsUs,
  ) {
    this.done = packaging.done.then(({ reason, error }) => ({ reason: this.reason ?? reason, ...(error && { error }) }));
    void this.done.then(() => (this.hasEnded = true));
    this.settled = this.done.then(({ reason, error }) => finish(reason, error));
  }

  get ending(): boolean {
    return this.reason !== undefined;
  }

  write(chunk: Uint8Array): boolean {
    return this.packaging.write(chunk);
  }

  put(frame: EncodedFrame): boolean {
    return this.packaging.put(frame);
  }

  async take(offer: SegmentOffer): Promise<SegmentAnswer> {
    return (await this.packaging.takeSegment?.(offer)) ?? { kind: 'ended' };
  }

  lost(loss: FrameLoss): void {
    if (this.isLeft) return;
    if (this.hasEnded || this.ending) void this.settled.then(() => this.loseLate(loss));
    else this.packaging.lost(loss);
  }

  drained(): Promise<void> {
    return this.packaging.drained();
  }

  async leave(): Promise<void> {
    // Who ends it meanwhile was first.
    if (this.reason === undefined) this.isLeft = true;
    await this.end('left');
  }

  /** Core ends it, whoever writes it: what can go on some time is left. */
  letGo(reason: string): Promise<void> {
    return this.isRecorded && reason !== 'stream-removed' ? this.leave() : this.end(reason);
  }

  async end(reason: string): Promise<void> {
    this.reason ??= reason;
    await this.packaging.end();
    await doneWithin(REGISTER_WAIT_MS, this.settled);
  }
}
