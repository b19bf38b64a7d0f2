import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { importError } from '../../errors/import.errors.js';
import { isMissing } from '../epoch-folder.js';

/**
 * Looks at a file of the server that somebody wants to import.
 * @param folders `imports.folders`
 * @returns where it really is, and how large
 * @throws VD_IMPORT_PATH_REFUSED where it is in none of the folders, or a link leads out of them; the same for what is not there
 */
export async function allowedFile(
  path: string,
  folders: readonly string[],
): Promise<{ readonly path: string; readonly sizeBytes: number }> {
  const refused = importError('VD_IMPORT_PATH_REFUSED', `${path} is no file in a folder that imports may read`);
  if (!isAbsolute(path)) throw refused;
  const real = await orNull(realpath(path));
  if (real === null) throw refused;
  for (const folder of folders) {
    const within = relative((await orNull(realpath(folder))) ?? folder, real);
    if (within === '' || within.startsWith(`..${sep}`) || within === '..' || isAbsolute(within)) continue;
    const found = await stat(real);
    if (found.isFile()) return { path: real, sizeBytes: found.size };
  }
  throw refused;
}

async function orNull(found: Promise<string>): Promise<string | null> {
  try {
    return await found;
  } catch (error) {
    if (isMissing(error) || ['EACCES', 'ELOOP', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
