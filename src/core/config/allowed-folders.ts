import { access, constants, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ingestError } from '../errors/ingest.errors.js';
import { errorText, type Folders } from '../plugin-api/index.js';

/** The operator's list of folders, each with all that is below it. Links are followed first: none leads out. */
export class AllowedFolders implements Folders {
  private readonly allowed: readonly string[];

  /** @param baseDir what relative paths of the list start from: the config file's folder */
  constructor(
    private readonly written: readonly string[],
    baseDir: string,
  ) {
    this.allowed = written.map((folder) => resolve(baseDir, folder));
  }

  async resolve(path: string): Promise<string> {
    // Said before anything is looked at: nobody learns what is there outside of the list.
    if (!isAbsolute(path) || !this.allowed.some((folder) => isWithin(folder, resolve(path)))) throw this.refusal(path);
    let real: string;
    try {
      real = await realpath(path);
      await access(real, constants.R_OK | constants.X_OK);
      if (!(await stat(real)).isDirectory()) throw new Error('it is no folder');
    } catch (error) {
      throw ingestError('VD_INGEST_FOLDER_MISSING', `${path}: ${errorText(error)}`, { cause: error });
    }
    const roots = await Promise.all(this.allowed.map((folder) => realpath(folder).catch(() => folder)));
    if (!roots.some((folder) => isWithin(folder, real))) throw this.refusal(path);
    return real;
  }

  private refusal(path: string): Error {
    const folders = [...this.written, path].map((one) => JSON.stringify(one)).join(', ');
    return ingestError('VD_INGEST_FOLDER_REFUSED', `${path} is not in a folder that sources may read`, {
      fix: `Add it in vedette.config.yaml, if you mean it: ingest: { folders: [${folders}] }`,
    });
  }
}

function isWithin(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between === '' || (between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between));
}
