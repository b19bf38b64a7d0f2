import { rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { modelError } from '../errors/model.errors.js';
import { writeWholeFile } from '../plugin-api/index.js';

const REFRESH_MS = 2_000;
/** A claim that nobody refreshed for this long is one of a process that died. */
const STANDS_MS = 15_000;
const POLL_MS = 25;

/** Keeps two processes from writing one model at a time: the API's pull and that of the command line. */
export class PullClaim {
  private constructor(
    private readonly file: string,
    private readonly timer: NodeJS.Timeout,
  ) {}

  /**
   * @param patienceMs how long to wait for another's claim to end
   * @throws VD_MODEL_BUSY
   */
  static async take(file: string, patienceMs = 0): Promise<PullClaim> {
    for (const deadline = performance.now() + patienceMs; ;) {
      try {
        await writeWholeFile(file, '', { isNew: true });
        const timer = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), REFRESH_MS);
        timer.unref();
        return new PullClaim(file, timer);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (!(await PullClaim.isHeld(file))) await rm(file, { force: true });
        else if (performance.now() < deadline) await pause(POLL_MS);
        else break;
      }
    }
    throw modelError('VD_MODEL_BUSY', `${file} says that another process is at it`);
  }

  static async isHeld(file: string): Promise<boolean> {
    const held = await stat(file).catch(() => null);
    return held !== null && Date.now() - held.mtimeMs < STANDS_MS;
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    await rm(this.file, { force: true });
  }
}
