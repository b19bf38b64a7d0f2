import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { analysisError } from '../../errors/analysis.errors.js';
import type { Analyzer, AnalyzerTask, Logger } from '../../plugin-api/index.js';
import type { PluginRegistry, RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import type { ReferenceSets } from './reference-sets.js';

export interface RunningAnalyzer {
  readonly registered: RegisteredAnalyzer;
  readonly analyzer: Analyzer;
  /** It cannot do without reference images, and there are none. */
  readonly lacksReferences: boolean;
}

/** With the revision of the reference set it was given last, and whether it is being given another. */
type Instance = Omit<RunningAnalyzer, 'lacksReferences'> & { lacksReferences: boolean; referencesRevision?: number; referring?: Promise<void> };

/** One instance of each analyzer per host, and of each gate, made and initialised when first asked for. */
export class AnalyzerInstances {
  readonly #running = new Map<string, Promise<Instance>>();

  constructor(
    private readonly registry: PluginRegistry,
    private readonly dataDir: string,
    private readonly logger: Logger,
    private readonly references: ReferenceSets,
  ) {}

  /**
   * The task's analyzer, with the reference images that the task wants.
   * @throws VD_ANALYSIS_CONFIG_MISMATCH, VD_ANALYSIS_REFERENCES_UNAVAILABLE, and whatever the analyzer's `create`, `init` or
   *   `useReferences` throws; the next task tries again
   */
  async get(task: AnalyzerTask): Promise<RunningAnalyzer> {
    const registered = this.registry.analyzers.find(({ definition }) => definition.id === task.analyzerId);
    if (registered === undefined) throw analysisError('VD_ANALYSIS_CONFIG_MISMATCH', `no plugin here has an analyzer ${task.analyzerId}`);
    if (registered.configHash !== task.configHash) {
      throw analysisError(
        'VD_ANALYSIS_CONFIG_MISMATCH',
        `${task.analyzerId} runs here with config ${registered.configHash}, the job wants ${task.configHash}`,
      );
    }
    const instance = await this.#instance(task.analyzerId, registered);
    await this.#refer(instance, task.references);
    return instance;
  }

  /**
   * An instance of the gate's analyzer that does nothing but judge, one per queue: each sees its streams' segments in order,
   * whatever other queues and the analyzer's own runs are at.
   * @throws VD_ANALYSIS_CONFIG_MISMATCH, and whatever `get` throws
   */
  async judge(gate: string, queue: string): Promise<RunningAnalyzer> {
    const registered = this.registry.analyzers.find(({ definition }) => definition.gate === gate);
    if (registered === undefined) throw analysisError('VD_ANALYSIS_CONFIG_MISMATCH', `no plugin here has a gate ${gate}`);
    const instance = await this.#instance(`${gate} for ${queue}`, registered);
    await this.#refer(instance, undefined);
    return instance;
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) await running.then(({ analyzer }) => analyzer.dispose?.()).catch(() => undefined);
    this.#running.clear();
  }

  async #instance(key: string, registered: RegisteredAnalyzer): Promise<Instance> {
    const running = this.#running.get(key) ?? this.#start(registered);
    this.#running.set(key, running);
    try {
      return await running;
    } catch (error) {
      if (this.#running.get(key) === running) this.#running.delete(key);
      throw error;
    }
  }

  async #refer(instance: Instance, wanted: AnalyzerTask['references']): Promise<void> {
    const kind = instance.registered.definition.references;
    if (kind === undefined || instance.analyzer.useReferences === undefined) return;
    // One after another: jobs under way at once may want different revisions.
    const turn = (instance.referring ?? Promise.resolve()).then(() => this.#referTo(instance, kind, wanted));
    instance.referring = turn.catch(() => undefined);
    await turn;
  }

  async #referTo(instance: Instance, kind: string, wanted: AnalyzerTask['references']): Promise<void> {
    const revision = wanted?.kind === kind ? wanted.revision : 0;
    if (instance.referencesRevision !== undefined && instance.referencesRevision >= revision) return;
    const set = await this.references.atLeast({ kind, revision });
    await instance.analyzer.useReferences?.(set);
    instance.referencesRevision = set.revision;
    instance.lacksReferences = set.images.length === 0 && instance.registered.definition.needsReferences === true;
  }

  async #start(registered: RegisteredAnalyzer): Promise<Instance> {
    const analyzerId = registered.definition.id;
    const analyzer = await this.registry.createAnalyzer(analyzerId);
    const dataDir = join(this.dataDir, 'analyzers', encodeURIComponent(analyzerId));
    await mkdir(dataDir, { recursive: true });
    await analyzer.init?.({ analyzerId, logger: this.logger, dataDir });
    return { registered, analyzer, lacksReferences: false };
  }
}
