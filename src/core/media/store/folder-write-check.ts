import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, writeWholeFile } from '../../plugin-api/index.js';
import { within } from '../../runtime/within.js';
import { diskSpace } from './free-space.js';

/** A segment and the next one: 2 s of 16 Mbit/s each. */
const LEAST_ROOM_BYTES = 8 * 1024 ** 2;
const PATIENCE_MS = 4_000;

export interface FolderState {
  /** Room on its disk; null where it cannot be told. */
  readonly freeBytes: number | null;
  /** Why no segment can be written to it now, for a person; null where one can. */
  readonly writeFault: string | null;
}

/** Finds out whether a folder can be written to by writing to it: a disk may be full, remounted read-only, or gone and silent. */
export class FolderWriteCheck {
  private writing: Promise<string | null> | undefined;

  constructor(
    private readonly folder: string,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async look(): Promise<FolderState> {
    const room = within(this.patienceMs, diskSpace(this.folder), () => new Error('late')).catch(() => null);
    const [space, fault] = await Promise.all([room, this.write()]);
    const free = space?.freeBytes ?? null;
    if (fault !== null || free === null || free >= LEAST_ROOM_BYTES) return { freeBytes: free, writeFault: fault };
    return { freeBytes: free, writeFault: `its disk has ${Math.floor(free / 1024)} KiB left: not enough for a segment` };
  }

  /** One at a time: each that waits for a silent disk holds one of the few threads that all files go through. */
  private write(): Promise<string | null> {
    this.writing ??= this.attempt().finally(() => (this.writing = undefined));
    return within(this.patienceMs, this.writing, () => new Error(`it did not take a file within ${this.patienceMs} ms`)).catch(
      (error: Error) => error.message,
    );
  }

  private async attempt(): Promise<string | null> {
    const file = join(this.folder, '.vedette-write-check');
    try {
      await writeWholeFile(file, 'can be written');
      await rm(file, { force: true });
      return null;
    } catch (error) {
      return errorText(error);
    }
  }
}
