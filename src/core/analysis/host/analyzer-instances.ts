import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { analysisError } from '../../errors/analysis.errors.js';
import type { Analyzer, AnalyzerTask, Logger } from '../../plugin-api/index.js';
import type { PluginRegistry, RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';

export interface RunningAnalyzer {
  readonly registered: RegisteredAnalyzer;
  readonly analyzer: Analyzer;
}

/** One instance of each analyzer per host, made and initialised when first asked for. */
export class AnalyzerInstances {
  readonly #running = new Map<string, Promise<RunningAnalyzer>>();

  constructor(
    private readonly registry: PluginRegistry,
    private readonly dataDir: string,
    private readonly logger: Logger,
  ) {}

  /** @throws VD_ANALYSIS_CONFIG_MISMATCH, and whatever the analyzer's `create` or `init` throws; the next task tries again */
  async get(task: AnalyzerTask): Promise<RunningAnalyzer> {
    const registered = this.registry.analyzers.find(({ definition }) => definition.id === task.analyzerId);
    if (registered === undefined) throw analysisError('VD_ANALYSIS_CONFIG_MISMATCH', `no plugin here has an analyzer ${task.analyzerId}`);
    if (registered.configHash !== task.configHash) {
      throw analysisError(
        'VD_ANALYSIS_CONFIG_MISMATCH',
        `${task.analyzerId} runs here with config ${registered.configHash}, the job wants ${task.configHash}`,
      );
    }
    const running = this.#running.get(task.analyzerId) ?? this.#start(registered);
    this.#running.set(task.analyzerId, running);
    try {
      return await running;
    } catch (error) {
      this.#running.delete(task.analyzerId);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) await running.then(({ analyzer }) => analyzer.dispose?.()).catch(() => undefined);
    this.#running.clear();
  }

  async #start(registered: RegisteredAnalyzer): Promise<RunningAnalyzer> {
    const analyzerId = registered.definition.id;
    const analyzer = await this.registry.createAnalyzer(analyzerId);
    const dataDir = join(this.dataDir, 'analyzers', encodeURIComponent(analyzerId));
    await mkdir(dataDir, { recursive: true });
    await analyzer.init?.({ analyzerId, logger: this.logger, dataDir });
    return { registered, analyzer };
  }
}
