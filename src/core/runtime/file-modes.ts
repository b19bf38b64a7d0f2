import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of ours are for our account, readable by its group (nginx), and nobody else's business: a recording shows what a camera saw. */
export const PRIVATE_UMASK = 0o027;

const OTHERS = 0o007;

/** Takes a folder from other accounts that was made before there was {@link PRIVATE_UMASK}. One of somebody else stays as it is. */
export async function closeToOthers(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) await chmod(folder, mode & 0o7777 & ~OTHERS).catch(() => undefined);
}

/** The same for each folder in a folder, for where the outer one must let others through. */
export async function closeInnerToOthers(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(entries.filter((entry) => entry.isDirectory()).map(({ name }) => closeToOthers(join(folder, name))));
}
