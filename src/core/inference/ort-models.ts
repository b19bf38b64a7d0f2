import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { modelError } from '../errors/model.errors.js';
import type { BatchOptions, ExecutionProvider, Logger, Model, ModelOptions, Models } from '../plugin-api/index.js';
import { withCopy } from './model-copy.js';
import { ModelFolders, readModel, readRegularFile } from './model-file.js';
import { refusalOf, type ModelProbe, type ProbeSubject } from './model-probe.js';
import { OrtModel, SharedSession } from './ort-model.js';
import type { Providers } from './providers.js';
import { sessionOptions } from './runtime-facts.js';
import { isPictureFree, sizesFor } from './sample-input.js';
import { zeroFeeds } from './zero-tensor.js';
import { errorText } from '../plugin-api/error.js';

const MAX_TEXT_BYTES = 1024 ** 2;
/** Without waiting: what is asked for at the same time goes together, nothing is held back. */
const ACCELERATOR_BATCH: BatchOptions = { max: 8, waitMs: 0 };
const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A registered model as its id is resolved. */
export interface RegisteredModel {
  readonly path: string;
  readonly sha256: string | null;
}

export interface OrtModelsOptions {
  /** Tries files before they are opened here; without it they are opened untried. */
  readonly probe?: ModelProbe;
  /** In order of preference. */
  readonly preferred?: readonly ExecutionProvider[];
  readonly providers?: Providers;
  /** The file of a model that is named by its id; undefined where no model has it. @throws VD_MODEL_NOT_PULLED */
  readonly registered?: (id: string) => Promise<RegisteredModel | undefined>;
  /** Where models are written anew for onnxruntime to open; the system's temporary folder when absent. */
  readonly copies?: string;
  readonly logger?: Logger;
}

interface Entry {
  readonly loaded: Promise<SharedSession>;
  users: number;
}

/**
 * Opens ONNX files with onnxruntime: one thread per session and no spinning, since hosts are as many as cores.
 * A path is looked for in each of the model folders in turn, and nowhere else; a URL comes from a plugin's code and names its file. A
 * file opened twice is one session.
 */
export class OrtModels implements Models {
  private readonly folders: ModelFolders;
  private readonly logger: Logger;
  private readonly loaded = new Map<string, Entry>();
  private usable: Promise<ExecutionProvider[]> | undefined;

  /** @param folders absolute; the first that has the file wins */
  constructor(
    folders: readonly string[],
    private readonly options: OrtModelsOptions = {},
  ) {
    this.folders = new ModelFolders(folders);
    this.logger = options.logger ?? SILENT;
  }

  async open(model: string | URL, options: ModelOptions = {}): Promise<Model> {
    const registered = typeof model === 'string' ? await this.options.registered?.(model) : undefined;
    const file = await this.folders.locate(registered?.path ?? model);
    // A file that was replaced is another one.
    const { ino, size, mtimeMs } = await stat(file);
    const key = `${file} ${ino} ${size} ${mtimeMs}`;
    const entry = this.loaded.get(key) ?? { loaded: this.load(file), users: 0 };
    this.loaded.set(key, entry);
    entry.users++;
    const release = async (): Promise<void> => {
      if (--entry.users > 0) return;
      if (this.loaded.get(key) === entry) this.loaded.delete(key);
      await entry.loaded.then(
        (session) => session.release(),
        () => undefined,
      );
    };
    try {
      const session = await entry.loaded;
      for (const expected of [registered?.sha256, options.sha256]) {
        if (expected != null && expected.toLowerCase() !== session.facts.sha256) {
          throw modelError('VD_MODEL_CHECKSUM', `${file} has SHA-256 ${session.facts.sha256}, expected ${expected}`);
        }
      }
      await this.warmUp(session, options.warmUp);
      return new OrtModel(session, batchFor(session, options.batch), release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  async readText(text: string | URL): Promise<string> {
    const file = await this.folders.locate(text);
    const bytes = await readRegularFile(file, MAX_TEXT_BYTES);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw modelError('VD_MODEL_NOT_TEXT', `${file} is not UTF-8 text`, { cause });
    }
  }

  private async load(file: string): Promise<SharedSession> {
    const model = await readModel(file);
    const { metadata, precision, sha256 } = model.facts;
    const provider = await this.providerFor({ file, sha256 });
    const ort = await import('onnxruntime-node');
    try {
      const startedAtMs = performance.now();
      // By path: given a buffer, onnxruntime resolves references against the working directory.
      const session = await withCopy(model, this.options.copies ?? tmpdir(), (copy) =>
        ort.InferenceSession.create(copy, sessionOptions(provider)),
      );
      this.logger.info('Model opened', { file, sha256, provider, precision, openMs: Math.round(performance.now() - startedAtMs) });
      return new SharedSession({ path: file, sha256, metadata, provider, precision }, session);
    } catch (cause) {
      throw modelError('VD_MODEL_LOAD_FAILED', `${file}: ${errorText(cause)}`, { cause });
    }
  }

  /** The first usable provider that the file passes its probe on. */
  private async providerFor(subject: ProbeSubject): Promise<ExecutionProvider> {
    const { probe } = this.options;
    const providers = await this.providers();
    if (probe === undefined) return providers[0] ?? 'cpu';
    for (const [i, provider] of providers.entries()) {
      const verdict = await probe.try(subject, provider);
      const refusal = refusalOf(verdict, subject.file);
      if (refusal === null) {
        // Nothing is amiss with it, and every host says so once more.
        if (verdict.note !== null)
          this.logger.debug('Model opened without having been run on zeros', { file: subject.file, note: verdict.note });
        return provider;
      }
      if (i === providers.length - 1) throw refusal;
      this.logger.warn('Model cannot run on this provider; the next one is taken', {
        file: subject.file,
        provider,
        reason: refusal.message,
        next: providers[i + 1],
      });
    }
    return 'cpu';
  }

  private providers(): Promise<ExecutionProvider[]> {
    const { providers, preferred = ['cpu'] } = this.options;
    this.usable ??= providers === undefined ? Promise.resolve([...preferred]) : providers.usable(preferred, this.logger);
    this.usable.catch(() => (this.usable = undefined));
    return this.usable;
  }

  /** The first run allocates what the later ones use: it should not be the one that a segment waits for. */
  private async warmUp(session: SharedSession, picture: ModelOptions['warmUp']): Promise<void> {
    if (session.isWarm || picture === false || (picture === undefined && isPictureFree(session.inputs))) return;
    const sizes = sizesFor(session.inputs, picture ?? { widthPx: 1, heightPx: 1 });
    const feeds = zeroFeeds(session.inputs, sizes);
    if (feeds === null) return;
    const startedAtMs = performance.now();
    const fields = { file: session.facts.path, sizes: sizes.map((dims) => dims.join('x')) };
    try {
      await session.run(feeds);
      session.isWarm = true;
      this.logger.info('Model warmed up', { ...fields, runMs: Math.round(performance.now() - startedAtMs) });
    } catch (error) {
      // Zeros may not suit it; the first real run reports pictures of the wrong size, with both sizes in the message.
      this.logger.warn('Model did not run on zeros', { ...fields, error });
    }
  }
}

function batchFor(session: SharedSession, wanted: ModelOptions['batch']): BatchOptions | undefined {
  if (wanted === false) return undefined;
  return wanted ?? (session.facts.provider === 'cpu' ? undefined : ACCELERATOR_BATCH);
}
