import { readdir, realpath, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { existsSync } from 'node:fs';
import { isMissing } from '../media/epoch-folder.js';

/** Names of ours in an epoch's folder, besides its playlist. */
const SEGMENT_FILE = /^(\d{6,10}|init)\.(ts|m4s|mp4)(\.tmp)?$/;
const OWN_FILE = new RegExp(`${SEGMENT_FILE.source}|^index\\.m3u8(\\.[\\w-]+)?$`);
const PLACE = /^[0-9a-f-]{36}\/[0-9a-f-]{36}\/[0-9A-Za-z._-]{1,64}$/;

/** Deletes segment files and what is left of their folders, below one media folder and nowhere else. */
export class MediaFiles {
  /** Folders that were found to lie in the media folder. */
  private readonly inside = new Set<string>();

  constructor(private readonly mediaDir: string) {}

  /**
   * @param path `<stream>/<epoch>/<file>`
   * @returns false where there was none
   * @throws where it cannot be deleted, or would not be one of ours
   */
  async remove(path: string): Promise<boolean> {
    if (!PLACE.test(path) || path.includes('..')) throw new Error(`${path} is no place of a segment`);
    const file = join(this.mediaDir, path);
    try {
      await this.mustBeInside(dirname(file));
      await unlink(file);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /**
   * Takes away the folder of an epoch none of whose segments is left, with files of ours that the ledger never got to know.
   * @returns names of others' files for which it stays; null where it is still to be finished by the watcher
   */
  async removeFolder(streamId: string, epochId: string): Promise<readonly string[] | null> {
    if (existsSync(join(this.mediaDir, '.open', `${epochId}.json`))) return null;
    const folder = join(this.mediaDir, streamId, epochId);
    let names: string[];
    try {
      await this.mustBeInside(folder);
      names = await readdir(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const foreign = names.filter((name) => !OWN_FILE.test(name));
    for (const name of names) if (OWN_FILE.test(name)) await rm(join(folder, name), { force: true });
    if (foreign.length > 0) return foreign;
    this.inside.delete(folder);
    await rmdir(folder);
    // Not empty while the stream has other epochs.
    await rmdir(dirname(folder)).catch(() => undefined);
    return [];
  }

  private async mustBeInside(folder: string): Promise<void> {
    if (this.inside.has(folder)) return;
    const [root, real] = await Promise.all([realpath(this.mediaDir), realpath(folder)]);
    const between = relative(root, real);
    if (between === '' || between === '..' || between.startsWith(`..${sep}`))
      throw new Error(`${folder} is a link out of the media folder`);
    if (this.inside.size > 1_000) this.inside.clear();
    this.inside.add(folder);
  }
}
