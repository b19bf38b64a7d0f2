import type { PackagerExit, Packaging } from '../packager.js';

/** Of an input that cannot be packaged: it has ended before it began. */
export class RefusedPackaging implements Packaging {
  readonly handsOver = true;
  readonly pid = undefined;
  readonly flowing = new Promise<void>(() => undefined);
  readonly done: Promise<PackagerExit>;

  constructor(error: Error) {
    this.done = Promise.resolve({ reason: 'packager-failed', error });
  }

  write(): boolean {
    return false;
  }
  put(): boolean {
    return false;
  }
  lost(): void {
    // It took nothing.
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  end(): Promise<void> {
    return Promise.resolve();
  }
}
