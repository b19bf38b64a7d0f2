import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from '../../epoch-folder.js';
import type { OfferedFile } from './offered-file.js';

/**
 * Answers of a system that shares no file here: another disk, no hard links on it, too many of them, or a file that is not ours to share
 * (Linux with `fs.protected_hardlinks`).
 */
const NOT_SHARED = new Set(['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

/** Where a segment goes, in a folder of ours. */
export interface SegmentPlace {
  readonly path: string;
  /** On the same disk: where a copy grows until it is whole. */
  readonly draftPath: string;
  /** It is on the disk before it is told of. */
  readonly isSynced: boolean;
}

/**
 * Gives a file that was read a second name among ours. Its content is then kept whatever its writer does with the first one, unless that
 * writes into it: only for names that are written once.
 * @returns `changed` when the path leads to another file by now; `copy` where it cannot be shared
 */
export async function linkInto(
  source: string,
  file: OfferedFile,
  { path, isSynced }: SegmentPlace,
): Promise<'linked' | 'changed' | 'copy'> {
  try {
    await withFolder(path, () => link(source, path));
  } catch (error) {
    if (isMissing(error)) return 'changed';
    if (NOT_SHARED.has((error as NodeJS.ErrnoException).code ?? '')) return 'copy';
    throw error;
  }
  const { ino, dev, size, mtimeMs } = await lstat(path);
  if (ino !== file.inode || dev !== file.device || size !== file.sizeBytes || mtimeMs !== file.mtimeMs) {
    await rm(path, { force: true });
    return 'changed';
  }
  if (isSynced) await synced(path);
  return 'linked';
}

/** Writes bytes to a file that is there whole, or not at all. */
export async function copyInto(bytes: Uint8Array, { path, draftPath, isSynced }: SegmentPlace): Promise<void> {
  const draft = await open(draftPath, 'w');
  try {
    await draft.writeFile(bytes);
    if (isSynced) await draft.datasync();
  } finally {
    await draft.close();
  }
  await withFolder(path, () => rename(draftPath, path));
}

/** A folder that somebody removed is made anew: recording goes on. */
async function withFolder(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(path), { recursive: true });
    await work();
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.datasync().finally(() => file.close());
}
