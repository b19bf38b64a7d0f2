import { statfs } from 'node:fs/promises';

/** What this program may write on the file system of a folder, in bytes; null where this host does not see the folder. */
export async function freeBytes(folder: string): Promise<number | null> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}
