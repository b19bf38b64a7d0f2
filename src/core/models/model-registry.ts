import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { VedetteConfig } from '../config/schema.js';
import { modelError } from '../errors/model.errors.js';
import { inspectModel, type InspectedModel } from '../inference/model-file.js';
import { ModelProbe } from '../inference/model-probe.js';
import type { ProbeVerdict } from '../inference/probe-protocol.js';
import { CodedError, type ExecutionProvider } from '../plugin-api/index.js';
import { ModelCatalogue, type KnownModel } from './model-catalogue.js';
import { ModelDownload, type DownloadParts, type DownloadRules } from './model-download.js';
import type { ModelEntry } from '../config/model-entry.js';
import { PullClaim } from './pull-claim.js';
import { ProgressMeter, type PullProgress } from './pull-progress.js';

/** `partial`: some of it was fetched. `damaged`: what is there is not what the entry says. */
export type ModelState = 'ready' | 'pulling' | 'partial' | 'absent' | 'damaged';

export interface ModelStatus extends KnownModel {
  readonly state: ModelState;
  /** While it is fetched, and of what was fetched before. */
  readonly progress: PullProgress | null;
  /** Why the last pull here ended badly. */
  readonly error: { readonly code: string; readonly message: string; readonly fix: string | null } | null;
  /** What became of trying it on this machine's CPU; null before that. */
  readonly probe: ProbeVerdict | null;
}

export interface PullOptions {
  readonly acceptLicence?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface RegistryOptions extends DownloadRules {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly parts?: DownloadParts;
}

interface RunningPull {
  readonly done: Promise<ModelStatus>;
  readonly meter: ProgressMeter;
  readonly stop: AbortController;
}

/** The models of this machine: which there are, which files are here, and how they get here. */
export class ModelRegistry {
  private readonly pulls = new Map<string, RunningPull>();
  private readonly errors = new Map<string, CodedError>();

  constructor(
    readonly catalogue: ModelCatalogue,
    private readonly prober: ModelProbe,
    private readonly options: RegistryOptions,
  ) {}

  static of(config: Pick<VedetteConfig, 'dataDir' | 'models' | 'inference'>): ModelRegistry {
    const { allowPrivateHosts, allowHttp, stallTimeout, attempts, backoff } = config.models;
    const rules = { allowPrivateHosts, allowHttp, stallTimeoutMs: stallTimeout, attempts, backoffMs: backoff };
    return new ModelRegistry(ModelCatalogue.of(config), ModelProbe.of(config), rules);
  }

  async list(): Promise<ModelStatus[]> {
    return Promise.all((await this.catalogue.list()).map((model) => this.status(model)));
  }

  /** @throws VD_MODEL_UNKNOWN */
  async get(id: string): Promise<ModelStatus> {
    return this.status(await this.catalogue.get(id));
  }

  /** @throws VD_MODEL_ID_TAKEN */
  async add(entry: ModelEntry): Promise<ModelStatus> {
    return this.status(await this.catalogue.add(entry));
  }

  /**
   * Fetches a model, or goes on fetching it; asked for twice it is fetched once. The file appears under its name only when its
   * checksum is right.
   * @throws VD_MODEL_UNKNOWN, VD_MODEL_NOT_FETCHABLE, VD_MODEL_LICENCE, VD_MODEL_BUSY, VD_MODEL_STOPPED and what can go wrong on
   *   the way: VD_MODEL_DOWNLOAD_FAILED, VD_MODEL_DOWNLOAD_REFUSED, VD_MODEL_ADDRESS_REFUSED, VD_MODEL_SIZE, VD_MODEL_NO_SPACE,
   *   VD_MODEL_CHECKSUM, VD_MODEL_NOT_ONNX, …
   */
  async pull(id: string, options: PullOptions = {}): Promise<ModelStatus> {
    const pull = await this.startPull(id, options);
    return pull.done;
  }

  /** Like {@link pull}, but returns as soon as it has begun; `done` tells how it ended, and `get` does. */
  async startPull(
    id: string,
    { acceptLicence = false, signal, onProgress }: PullOptions = {},
  ): Promise<{ readonly done: Promise<ModelStatus> }> {
    const model = await this.catalogue.get(id);
    const running = this.pulls.get(id);
    if (running !== undefined) return running;
    const { url, sha256, sizeBytes, licence } = model;
    const status = await this.status(model);
    if (status.state === 'ready') return { done: Promise.resolve(status) };
    if (url === null || sha256 === null || sizeBytes === null)
      throw modelError('VD_MODEL_NOT_FETCHABLE', `${id} (${model.origin}) has no URL`);
    if (licence?.mustBeAccepted === true && !acceptLicence) {
      throw modelError(
        'VD_MODEL_LICENCE',
        `${id}: ${[licence.name, licence.url, licence.text].filter((part) => part !== undefined).join('\n')}`,
      );
    }
    // Somebody else may have begun while the catalogue was read.
    const begun = this.pulls.get(id);
    if (begun !== undefined) return begun;
    const stop = new AbortController();
    const meter = new ProgressMeter(sizeBytes);
    const onBytes = (bytes: number): void => {
      meter.at(bytes);
      onProgress?.(meter.progress);
    };
    this.errors.delete(id);
    const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
    const done = this.download(model, { url, sha256, sizeBytes, part: partOf(model) }, both, onBytes).finally(() => this.pulls.delete(id));
    this.pulls.set(id, { done, meter, stop });
    // `get` reports it; `done` rejects with it as well.
    done.catch((error: unknown) => error instanceof CodedError && this.errors.set(id, error));
    return { done };
  }

  /** Ends a pull of this process; what was fetched stays. @returns whether there was one */
  async stopPull(id: string): Promise<boolean> {
    const running = this.pulls.get(id);
    running?.stop.abort();
    await running?.done.catch(() => undefined);
    return running !== undefined;
  }

  /** Ends every pull of this process. */
  async close(): Promise<void> {
    await Promise.all([...this.pulls.keys()].map((id) => this.stopPull(id)));
  }

  /** Reads the file again and holds it against its entry. @throws VD_MODEL_CHECKSUM, VD_MODEL_NOT_PULLED, VD_MODEL_NOT_ONNX, … */
  async verify(id: string): Promise<InspectedModel> {
    const model = await this.catalogue.get(id);
    return inspectModel(await this.present(model), model.sha256 ?? undefined);
  }

  /** Tries the file in a process of its own, even if it was tried before. @throws VD_MODEL_NOT_PULLED, … */
  async probe(
    id: string,
    provider: ExecutionProvider = 'cpu',
  ): Promise<{ readonly facts: InspectedModel; readonly verdict: ProbeVerdict }> {
    const facts = await this.verify(id);
    return { facts, verdict: await this.prober.try(facts, provider, true) };
  }

  /** Deletes the file, and forgets the model unless the config names it. @throws VD_MODEL_NOT_REMOVABLE, VD_MODEL_UNKNOWN */
  async remove(id: string): Promise<void> {
    const model = await this.catalogue.get(id);
    if (model.origin === 'built-in') throw modelError('VD_MODEL_NOT_REMOVABLE', `${id} comes with Vedette`);
    await this.stopPull(id);
    const claim = await PullClaim.take(claimOf(model));
    try {
      for (const file of [model.file, partOf(model), `${partOf(model)}.json`, uploadPartOf(model)]) await rm(file, { force: true });
      await this.catalogue.forget(id);
      this.errors.delete(id);
    } finally {
      await claim.release();
    }
  }

  /**
   * Makes a checked file the model: puts it under its name and tries it.
   * @throws VD_MODEL_CHECKSUM, VD_MODEL_NOT_ONNX, VD_MODEL_MALFORMED, VD_MODEL_EXTERNAL_DATA, VD_MODEL_TOO_LARGE
   */
  async install(file: string, part: string, expectedSha256?: string): Promise<InspectedModel> {
    const facts = await inspectModel(part, expectedSha256);
    await rename(part, file);
    // A host would refuse it just as well; so the upload is refused now.
    await this.prober.try({ ...facts, file }, 'cpu').catch(() => undefined);
    return { ...facts, file };
  }

  private async download(
    model: KnownModel,
    target: ConstructorParameters<typeof ModelDownload>[0],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<ModelStatus> {
    await mkdir(this.catalogue.folder, { recursive: true });
    const claim = await PullClaim.take(claimOf(model));
    try {
      const download = new ModelDownload(target, this.options, this.options.parts);
      await this.fetch(download, signal, onBytes);
      await this.installFetched(model, target, download, signal, onBytes);
      await download.discard();
      return await this.status(model, true);
    } catch (error) {
      if (signal.aborted) throw modelError('VD_MODEL_STOPPED', `${model.id}: stopped; what was fetched is kept`, { cause: error });
      throw error;
    } finally {
      await claim.release();
    }
  }

  /** Attempts with a growing pause, each of which goes on where the last one ended. */
  private async fetch(download: ModelDownload, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await download.attempt(signal, onBytes);
      } catch (error) {
        const isWorthAnother = error instanceof CodedError && error.code === 'VD_MODEL_DOWNLOAD_FAILED';
        if (!isWorthAnother || attempt === this.options.attempts) throw error;
        await pause(this.options.backoffMs * 2 ** (attempt - 1), undefined, { signal });
      }
    }
  }

  private async installFetched(
    model: KnownModel,
    target: { readonly part: string; readonly sha256: string },
    download: ModelDownload,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    try {
      await this.install(model.file, target.part, target.sha256);
    } catch (error) {
      const wasResumed = download.resumed;
      await download.discard();
      const isMixed = wasResumed && error instanceof CodedError && error.code === 'VD_MODEL_CHECKSUM';
      if (!isMixed) throw error;
      // Put together from two answers that may have been of different files: once more in one piece.
      await this.fetch(download, signal, onBytes);
      await this.install(model.file, target.part, target.sha256).catch(async (again: unknown) => {
        await download.discard();
        throw again;
      });
    }
  }

  private async present(model: KnownModel): Promise<string> {
    if ((await sizeOf(model.file)) === null)
      throw modelError('VD_MODEL_NOT_PULLED', `${model.id} belongs at ${model.file}, and is not there`);
    return model.file;
  }

  /** @param isOver the pull of this model has just ended */
  private async status(model: KnownModel, isOver = false): Promise<ModelStatus> {
    const running = isOver ? undefined : this.pulls.get(model.id);
    const [size, partSize] = [await sizeOf(model.file), await sizeOf(partOf(model))];
    const isHeldElsewhere = !isOver && running === undefined && (await PullClaim.isHeld(claimOf(model)));
    const rest = { bytesPerSecond: null, remainingMs: null };
    const partial =
      partSize === null || model.sizeBytes === null ? null : { receivedBytes: partSize, totalBytes: model.sizeBytes, ...rest };
    const error = this.errors.get(model.id);
    return {
      ...model,
      sizeBytes: model.sizeBytes ?? size,
      state: stateOf({ size, partSize, expected: model.sizeBytes, isPulling: running !== undefined || isHeldElsewhere }),
      progress: running?.meter.progress ?? partial,
      error: error === undefined ? null : { code: error.code, message: error.message, fix: error.fix ?? null },
      probe: model.sha256 === null || size === null ? null : await this.prober.known(model.sha256, 'cpu'),
    };
  }
}

/** Where a model's file grows. */
export const partOf = (model: Pick<KnownModel, 'file'>): string => model.file.replace(/\.onnx$/, '.part');
/** Where an upload grows; no id of a model ends like this. */
export const UPLOAD_ENDING = '.part.upload';
export const uploadPartOf = (model: Pick<KnownModel, 'file'>): string => model.file.replace(/\.onnx$/, UPLOAD_ENDING);
export const claimOf = (model: Pick<KnownModel, 'file'>): string => model.file.replace(/\.onnx$/, '.claim');

export const sizeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  );

function stateOf(facts: { size: number | null; partSize: number | null; expected: number | null; isPulling: boolean }): ModelState {
  if (facts.isPulling) return 'pulling';
  if (facts.size !== null) return facts.expected === null || facts.size === facts.expected ? 'ready' : 'damaged';
  return facts.partSize === null ? 'absent' : 'partial';
}
