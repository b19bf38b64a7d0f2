import { statfs } from 'node:fs/promises';

/** Below this, media is about to be lost: some two minutes of a 6 Mbit/s stream. */
const LOW_BYTES = 100 * 1024 ** 2;

/** What this program may write on the file system of a folder, in bytes. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Whether the media disk is so full that media will be lost; asked for before it is.
 * @returns the problem in words, or null; null too where this host does not see the folder
 */
export async function lackOfMediaSpace(mediaDir: string, free: (folder: string) => Promise<number> = freeBytes): Promise<string | null> {
  const bytes = await free(mediaDir).catch(() => null);
  if (bytes === null || bytes >= LOW_BYTES) return null;
  return `The media folder has ${Math.floor(bytes / 1024 ** 2)} MiB left: make room before segments are lost.`;
}
