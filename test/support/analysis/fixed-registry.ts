import type {
  Analyzer,
  AnalyzerDefinition,
  ExecutionStrategy,
  JsonObject,
  JsonValue,
  Plugin,
  SourceAdapter,
} from '../../../src/core/plugin-api/index.js';
import { configHash } from '../../../src/core/plugin-host/canonical-json.js';
import type { PluginRegistry, RegisteredAnalyzer } from '../../../src/core/plugin-host/plugin-registry.js';

/** A registry of given analyzers, without a plugin host: what it injects is handed in by token. */
export class FixedRegistry implements PluginRegistry {
  readonly plugins = [];
  readonly sources = [];
  readonly strategies = [];
  readonly queues = [];
  readonly analyzers: readonly RegisteredAnalyzer[];

  constructor(
    plugins: readonly { readonly plugin: Plugin; readonly config?: Readonly<Record<string, unknown>> }[],
    private readonly provided: ReadonlyMap<unknown, unknown> = new Map(),
  ) {
    this.analyzers = plugins.flatMap(({ plugin, config }) =>
      // What is given is the first analyzer's; the others of the plugin have their defaults.
      (plugin.analyzers ?? []).map((definition, i) => register(plugin.id, definition, (i === 0 ? config : undefined) ?? {})),
    );
  }

  async configureAnalyzer(analyzerId: string, written: JsonObject): Promise<RegisteredAnalyzer> {
    const { pluginId, definition } = this.find(analyzerId);
    return register(pluginId, definition, written);
  }

  async createAnalyzer(analyzerId: string, config?: JsonValue): Promise<Analyzer> {
    const registered = this.find(analyzerId);
    const injected = (registered.definition.inject ?? []).map((token) => this.provided.get(token));
    return registered.definition.create(config ?? registered.config, ...injected);
  }

  private find(analyzerId: string): RegisteredAnalyzer {
    const registered = this.analyzers.find(({ definition }) => definition.id === analyzerId);
    if (registered === undefined) throw new Error(`no analyzer ${analyzerId}`);
    return registered;
  }

  createSource(sourceId: string): Promise<SourceAdapter> {
    return Promise.reject(new Error(`no source ${sourceId}`));
  }
  createStrategy(strategyId: string): Promise<ExecutionStrategy> {
    return Promise.reject(new Error(`no strategy ${strategyId}`));
  }
}

function register(pluginId: string, definition: AnalyzerDefinition, written: Readonly<Record<string, unknown>>): RegisteredAnalyzer {
  const config = definition.config.parse(written) as JsonValue;
  const input = typeof definition.input === 'function' ? definition.input(config) : definition.input;
  return {
    pluginId,
    definition,
    placement: { enabled: true, config: { ...written }, streams: ['*'], execution: { prefer: ['local'], reach: 'cloud' } },
    config,
    configHash: configHash(definition.id, definition.version, config),
    input,
  };
}
