import type { EncodedFrame, FrameLoss } from '../../../plugin-api/index.js';
import type { PackagedLoss, PackagerExit, Packaging } from '../packager.js';
import { LossAccount } from './loss-account.js';

const NO_SEGMENT = -1;

/** Of an input that cannot be packaged: it has ended before it began, and all that comes is lost. */
export class RefusedPackaging implements Packaging {
  readonly handsOver = true;
  readonly pid = undefined;
  readonly flowing = new Promise<void>(() => undefined);
  readonly done: Promise<PackagerExit>;
  private readonly losses: LossAccount;

  constructor(error: Error, lost: (loss: PackagedLoss) => void) {
    this.losses = new LossAccount(lost);
    this.done = Promise.resolve({ reason: 'packager-failed', error });
  }

  write(): boolean {
    return false;
  }
  put(frame: EncodedFrame): boolean {
    this.losses.frame(NO_SEGMENT, 'packager-failed', frame);
    this.losses.flush(NO_SEGMENT);
    return false;
  }
  lost(loss: FrameLoss): void {
    this.losses.add(NO_SEGMENT, loss);
    this.losses.flush(NO_SEGMENT);
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  end(): Promise<void> {
    return Promise.resolve();
  }
}
