import { stat } from 'node:fs/promises';
import { ModelFolders, readModel, readRegularFile } from '../inference/model-file.js';
import type { ModelFiles } from '../plugin-api/index.js';
import type { ModelCatalogue } from './model-catalogue.js';

const MAX_TEXT_BYTES = 1024 ** 2;
/** Files whose metadata is remembered: reading one means reading its weights as well. */
const REMEMBERED = 16;

/** What the files of models say of themselves, for whoever does not run them; a machine without the file knows nothing of it. */
export class ModelFacts implements ModelFiles {
  private readonly known = new Map<string, Readonly<Record<string, string>>>();
  private readonly folders: ModelFolders;

  constructor(private readonly catalogue: ModelCatalogue) {
    this.folders = new ModelFolders(catalogue.folders);
  }

  async metadata(pathOrId: string): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      const registered = await this.catalogue.resolve(pathOrId);
      const file = await this.folders.locate(registered?.path ?? pathOrId);
      const { ino, size, mtimeMs } = await stat(file);
      const key = `${file} ${ino} ${size} ${mtimeMs}`;
      const metadata = this.known.get(key) ?? (await readModel(file)).facts.metadata;
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(key, metadata);
      return metadata;
    } catch {
      return undefined; // an analysis host says what is wrong with it
    }
  }

  async text(path: string): Promise<string | undefined> {
    try {
      return (await readRegularFile(await this.folders.locate(path), MAX_TEXT_BYTES)).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
