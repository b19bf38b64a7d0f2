import { statfs } from 'node:fs/promises';

/** A file system, in bytes; null where this host does not see it. */
export interface DiskSpace {
  /** What this program may still write. */
  readonly freeBytes: number | null;
  /** What it may write in all, with what is written. */
  readonly totalBytes: number | null;
}

/** The file system of a folder. What is reserved for others than this program is not counted as part of it. */
export async function diskSpace(folder: string): Promise<DiskSpace> {
  return statfs(folder).then(
    ({ bavail, bfree, blocks, bsize }) => ({ freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize }),
    () => ({ freeBytes: null, totalBytes: null }),
  );
}
