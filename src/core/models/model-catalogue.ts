import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { VedetteConfig } from '../config/schema.js';
import { modelError } from '../errors/model.errors.js';
import { errorText, writeWholeFile } from '../plugin-api/index.js';
import { PullClaim } from './pull-claim.js';
import { modelEntry, modelId, type ModelEntry } from '../config/model-entry.js';

/** `models/` of this package: what built-in plugins bring, with a catalogue of its own. */
const BUILT_IN_MODELS = fileURLToPath(new URL('../../../models', import.meta.url));
const CATALOGUE = 'catalogue.json';
/** Others write it within milliseconds. */
const PATIENCE_MS = 5_000;

/** Where a model is known from; the first of these that knows an id wins. `file`: nothing is known but the file. */
export const MODEL_ORIGINS = ['config', 'added', 'uploaded', 'built-in', 'file'] as const;
export type ModelOrigin = (typeof MODEL_ORIGINS)[number];

/** A model that a config may name, whether its file is here or not. */
export interface KnownModel extends Omit<ModelEntry, 'url' | 'sha256' | 'sizeBytes' | 'licence'> {
  readonly origin: ModelOrigin;
  /** Absolute; where it is, or will be. */
  readonly file: string;
  readonly url: string | null;
  /** Null for a bare file. */
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
  readonly licence: ModelEntry['licence'] | null;
}

/** Without an address: its file was brought by somebody, or with the package. */
const ownEntry = modelEntry
  .omit({ url: true })
  .extend({ url: modelEntry.shape.url.optional(), licence: modelEntry.shape.licence.optional() });
type OwnEntry = z.output<typeof ownEntry>;
const catalogueFile = z.strictObject({ models: z.array(ownEntry).max(10_000) });

/**
 * Every model by its id: from the config, from what admins added (`<dataDir>/models/catalogue.json`), from the package, and
 * bare `.onnx` files in the models folder. Read anew each time: other processes write it.
 */
export class ModelCatalogue {
  readonly folders: readonly string[];

  /** @param folder the operator's own, where files are put; @param builtIn the package's */
  constructor(
    readonly folder: string,
    private readonly entries: readonly ModelEntry[],
    private readonly builtIn = BUILT_IN_MODELS,
  ) {
    this.folders = [folder, builtIn];
  }

  static of({ dataDir, models }: Pick<VedetteConfig, 'dataDir' | 'models'>): ModelCatalogue {
    return new ModelCatalogue(join(dataDir, 'models'), models.entries);
  }

  /** By id. @throws VD_MODEL_CATALOGUE_INVALID */
  async list(): Promise<KnownModel[]> {
    const known = new Map<string, KnownModel>();
    const add = (entry: OwnEntry, origin: ModelOrigin, folder: string): void => {
      if (!known.has(entry.id)) known.set(entry.id, described(entry, origin, folder));
    };
    for (const entry of this.entries) add(entry, 'config', this.folder);
    for (const entry of await this.added()) add(entry, entry.url === undefined ? 'uploaded' : 'added', this.folder);
    for (const entry of await readCatalogue(join(this.builtIn, CATALOGUE))) add(entry, 'built-in', this.builtIn);
    for (const id of await this.bareFiles()) {
      if (!known.has(id)) known.set(id, { ...bareFile(id, this.folder), origin: 'file' });
    }
    return [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** @throws VD_MODEL_UNKNOWN, VD_MODEL_CATALOGUE_INVALID */
  async get(id: string): Promise<KnownModel> {
    const models = await this.list();
    const found = models.find((model) => model.id === id);
    if (found === undefined)
      throw modelError(
        'VD_MODEL_UNKNOWN',
        `no model ${JSON.stringify(id)}; there are ${models.map((model) => model.id).join(', ') || 'none'}`,
      );
    return found;
  }

  /**
   * The file of a model that a config names by its id; undefined for anything that is no known id, such as a path.
   * @throws VD_MODEL_NOT_PULLED, VD_MODEL_CATALOGUE_INVALID
   */
  async resolve(id: string): Promise<{ path: string; sha256: string | null } | undefined> {
    if (!modelId.safeParse(id).success) return undefined;
    const model = (await this.list()).find((candidate) => candidate.id === id);
    if (model === undefined) return undefined;
    if (!existsSync(model.file)) throw modelError('VD_MODEL_NOT_PULLED', `${id} belongs at ${model.file}, and is not there`);
    return { path: model.file, sha256: model.sha256 };
  }

  /** Remembers an entry. @throws VD_MODEL_ID_TAKEN, VD_MODEL_BUSY, VD_MODEL_CATALOGUE_INVALID */
  async add(entry: OwnEntry): Promise<KnownModel> {
    return this.alone(() => this.addAlone(entry));
  }

  private async addAlone(entry: OwnEntry): Promise<KnownModel> {
    const taken = (await this.list()).find((model) => model.id === entry.id);
    // An uploaded file lies in the folder already when its entry is written.
    const isUpload = entry.url === undefined && (taken?.origin === 'uploaded' || taken?.origin === 'file');
    if (taken !== undefined && !isUpload) {
      throw modelError('VD_MODEL_ID_TAKEN', `${entry.id} is already a model (${taken.origin})`);
    }
    const others = (await this.added()).filter((other) => other.id !== entry.id);
    await this.write([...others, entry]);
    return described(entry, entry.url === undefined ? 'uploaded' : 'added', this.folder);
  }

  /** Forgets an entry that was added or uploaded; others cannot be forgotten here. */
  async forget(id: string): Promise<void> {
    await this.alone(async () => {
      const added = await this.added();
      if (added.some((entry) => entry.id === id)) await this.write(added.filter((entry) => entry.id !== id));
    });
  }

  /** The file is read, changed and written whole: by one request, of one process, at a time. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(this.folder, { recursive: true });
    const claim = await PullClaim.take(join(this.folder, `${CATALOGUE}.claim`), PATIENCE_MS);
    try {
      return await work();
    } finally {
      await claim.release();
    }
  }

  private added(): Promise<OwnEntry[]> {
    return readCatalogue(join(this.folder, CATALOGUE));
  }

  private async write(models: readonly OwnEntry[]): Promise<void> {
    await writeWholeFile(join(this.folder, CATALOGUE), `${JSON.stringify({ models }, null, 2)}\n`);
  }

  private async bareFiles(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .filter((name) => name.endsWith('.onnx'))
      .map((name) => name.slice(0, -'.onnx'.length))
      .filter((id) => modelId.safeParse(id).success);
  }
}

const bareFile = (id: string, folder: string): Omit<KnownModel, 'origin'> => ({
  ...{ id, file: join(folder, `${id}.onnx`), url: null, sha256: null, sizeBytes: null, licence: null, task: 'unknown' },
});

function described({ url, licence, ...entry }: OwnEntry, origin: ModelOrigin, folder: string): KnownModel {
  return { ...bareFile(entry.id, folder), ...entry, origin, url: url ?? null, licence: licence ?? null };
}

async function readCatalogue(file: string): Promise<OwnEntry[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw modelError('VD_MODEL_CATALOGUE_INVALID', `${file}: ${errorText(error)}`, { cause: error });
  }
  try {
    return catalogueFile.parse(JSON.parse(text)).models;
  } catch (cause) {
    const why =
      cause instanceof z.ZodError
        ? cause.issues
            .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
            .slice(0, 5)
            .join('; ')
        : errorText(cause);
    throw modelError('VD_MODEL_CATALOGUE_INVALID', `${file}: ${why}`, { cause });
  }
}
