import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface OpenedSegment {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * Opens a segment below the media folder. Its names come validated, and still: no symlink is followed, and the file that was
 * opened must be the one that stands at its own place, whatever was swapped meanwhile.
 * @returns null when there is no such file
 */
export async function openSegment(mediaDir: string, streamId: string, epochId: string, file: string): Promise<OpenedSegment | null> {
  let handle: FileHandle | undefined;
  try {
    const base = await realpath(mediaDir);
    const path = join(base, streamId, epochId, file);
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const opened = await handle.stat();
    const real = await realpath(path);
    const there = await stat(real);
    if (!opened.isFile() || real !== path || !real.startsWith(base + sep) || there.ino !== opened.ino || there.dev !== opened.dev) {
      await handle.close();
      return null;
    }
    return { handle, sizeBytes: opened.size, modifiedMs: opened.mtimeMs };
  } catch {
    await handle?.close();
    return null;
  }
}
