import { createHash } from 'node:crypto';
import type {
  Analyzer,
  AnalyzerDefinition,
  ExecutionStrategy,
  JsonValue,
  Plugin,
  SourceAdapter,
} from '../../../src/core/plugin-api/index.js';
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

  async createAnalyzer(analyzerId: string): Promise<Analyzer> {
    const registered = this.analyzers.find(({ definition }) => definition.id === analyzerId);
    if (registered === undefined) throw new Error(`no analyzer ${analyzerId}`);
    const injected = (registered.definition.inject ?? []).map((token) => this.provided.get(token));
    return registered.definition.create(registered.config, ...injected);
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
  const configHash = createHash('sha256')
    .update(JSON.stringify([definition.id, definition.version, config]))
    .digest('hex')
    .slice(0, 16);
  const input = typeof definition.input === 'function' ? definition.input(config) : definition.input;
  return {
    pluginId,
    definition,
    placement: { enabled: true, config: { ...written }, streams: ['*'], execution: { prefer: ['local'], reach: 'cloud' } },
    config,
    configHash,
    input,
  };
}
