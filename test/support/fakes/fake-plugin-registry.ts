import {
  PluginRegistry,
  type PluginStatus,
  type RegisteredAnalyzer,
  type RegisteredSource,
  type RegisteredStrategy,
} from '../../../src/core/plugin-host/plugin-registry.js';
import type { Analyzer, ExecutionStrategy, SourceAdapter, SourceAdapterDefinition } from '../../../src/core/plugin-api/index.js';

/** Holds sources without injections; it has no analyzers and no strategies, and says so. */
export class FakePluginRegistry extends PluginRegistry {
  readonly plugins: readonly PluginStatus[] = [];
  readonly analyzers: readonly RegisteredAnalyzer[] = [];
  readonly strategies: readonly RegisteredStrategy[] = [];
  readonly queues: readonly string[] = [];
  readonly sources: readonly RegisteredSource[];

  constructor(sources: readonly SourceAdapterDefinition[]) {
    super();
    this.sources = sources.map((definition) => ({
      pluginId: 'test',
      definition,
      config: definition.kind === 'listener' ? definition.config.parse({}) : undefined,
    }));
  }

  async createSource(sourceId: string): Promise<SourceAdapter> {
    const found = this.sources.find(({ definition }) => definition.id === sourceId);
    if (found === undefined) throw new Error(`no source ${sourceId}`);
    return found.definition.create();
  }

  configureAnalyzer(analyzerId: string): Promise<RegisteredAnalyzer> {
    return Promise.reject(new Error(`no analyzer ${analyzerId}`));
  }

  createAnalyzer(analyzerId: string): Promise<Analyzer> {
    return Promise.reject(new Error(`no analyzer ${analyzerId}`));
  }

  createStrategy(strategyId: string): Promise<ExecutionStrategy> {
    return Promise.reject(new Error(`no strategy ${strategyId}`));
  }
}
