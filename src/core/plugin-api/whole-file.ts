import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WholeFileOptions {
  /** Permission bits. Default: those of the file that is replaced, or 0o666 less the umask. */
  readonly mode?: number;
  /** Refuses to replace a file: of several writers at once one succeeds, the others get `EEXIST`. */
  readonly isNew?: boolean;
}

const NEW_FILE_MODE = 0o666;
/** Error codes of systems that cannot open or sync a folder: renaming is as durable there as it can be. */
const NO_FOLDER_SYNC = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'];
/** Error codes of file systems without hard links: FAT, some network shares. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Writes a file so that readers, and a start after a power cut, find the old content or the new one and never a part: it writes a file
 * beside it, syncs it, renames it, and syncs the folder. Use it for every file that a program reads again.
 *
 * @throws what the file system answers, such as `ENOSPC` or `EEXIST`; nothing is left behind then
 * @example await writeWholeFile(join(folder, 'state.json'), JSON.stringify(state), { mode: 0o600 });
 */
export async function writeWholeFile(path: string, data: string | Uint8Array, options: WholeFileOptions = {}): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  const replaced = options.isNew === true ? null : await stat(path).catch(() => null);
  try {
    const handle = await open(draft, 'wx', options.mode ?? (replaced === null ? NEW_FILE_MODE : replaced.mode & 0o777));
    try {
      if (process.getuid?.() === 0) {
        // What root writes for another user stays that user's: the database's files, or all of a data folder after one start as root.
        const { uid, gid } = replaced ?? (await stat(dirname(path)));
        await handle.chown(uid, gid);
      }
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await (options.isNew === true ? claimName(draft, path) : rename(draft, path));
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
}

/** @throws EEXIST */
async function claimName(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!NO_HARD_LINKS.includes(codeOf(error))) throw error;
    // The name is claimed first and filled after: for a moment it is an empty file.
    await (await open(path, 'wx')).close();
    await rename(draft, path);
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes(codeOf(error))) throw error;
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
