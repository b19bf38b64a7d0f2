import { chmod, stat } from 'node:fs/promises';

/** Files of ours are for our account, readable by its group (nginx), and nobody else's business: a recording shows what a camera saw. */
export const PRIVATE_UMASK = 0o027;

const OTHERS = 0o007;

/**
 * Takes a folder from other accounts that was made before there was {@link PRIVATE_UMASK}. One of somebody else, or that is not there,
 * stays as it is.
 */
export async function closeToOthers(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const mode = (await stat(folder).catch(() => undefined))?.mode ?? 0;
  if ((mode & OTHERS) !== 0) await chmod(folder, mode & 0o7777 & ~OTHERS).catch(() => undefined);
}
