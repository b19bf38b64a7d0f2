import { Mutex } from 'async-mutex';
import { brandError } from '../errors/brand.errors.js';

/** Lets one read at a time, keeps so many more waiting, and turns the rest away. */
export class ReadingTurns {
  private readonly mutex = new Mutex();
  private waiting = 0;

  constructor(private readonly mayWait: number) {}

  /** @throws VD_PICTURE_BUSY */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (!this.mutex.isLocked()) return this.mutex.runExclusive(work);
    if (this.waiting >= this.mayWait) throw brandError('VD_PICTURE_BUSY', `${this.waiting} pictures are waiting to be read.`);
    this.waiting += 1;
    return this.mutex.runExclusive(() => {
      this.waiting -= 1;
      return work();
    });
  }
}
