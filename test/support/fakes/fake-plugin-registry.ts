import type { AnalyzerPlacement } from '../../../src/core/config/schema.js';
import {
  type Analyzer,
  type AnalyzerDefinition,
  type ExecutionStrategy,
  type ExecutionStrategyDefinition,
  type JsonObject,
  type JsonValue,
  type Plugin,
  type SourceAdapter,
  type SourceAdapterDefinition,
  z,
} from '../../../src/core/plugin-api/index.js';
import { configHash } from '../../../src/core/plugin-host/canonical-json.js';
import { configureAnalyzer } from '../../../src/core/plugin-host/loaded-plugins.js';
import {
  PluginRegistry,
  type PluginStatus,
  type RegisteredAnalyzer,
  type RegisteredSource,
  type RegisteredStrategy,
} from '../../../src/core/plugin-host/plugin-registry.js';

/** What the plugins of a test contribute; what is left out they do not have. */
export interface Contributions {
  readonly plugins?: readonly PluginStatus[];
  readonly analyzers?: readonly RegisteredAnalyzer[];
  readonly sources?: readonly RegisteredSource[];
  readonly strategies?: readonly RegisteredStrategy[];
  /** What analyzers have injected, by token. */
  readonly provided?: ReadonlyMap<unknown, unknown>;
}

const STANDING_QUEUES = ['logo_detection', 'visual_analysis', 'default'];

/**
 * A registry of what it is given, without a plugin host. It makes instances as their definitions say; of what it does not have, and of
 * what asks for something that nobody provides, it makes none.
 */
export class FakePluginRegistry extends PluginRegistry {
  override readonly plugins: readonly PluginStatus[];
  override readonly analyzers: readonly RegisteredAnalyzer[];
  override readonly sources: readonly RegisteredSource[];
  override readonly strategies: readonly RegisteredStrategy[];
  override readonly queues: readonly string[];
  private readonly provided: ReadonlyMap<unknown, unknown>;

  constructor({ plugins = [], analyzers = [], sources = [], strategies = [], provided = new Map() }: Contributions = {}) {
    super();
    this.plugins = plugins;
    this.analyzers = analyzers;
    this.sources = sources;
    this.strategies = strategies;
    this.queues = [...new Set([...STANDING_QUEUES, ...analyzers.map(({ definition }) => definition.queue)])];
    this.provided = provided;
  }

  /** The analyzers of real plugins. A config is the first analyzer's; the others of its plugin have their defaults. */
  static of(
    plugins: readonly { readonly plugin: Plugin; readonly config?: Readonly<Record<string, unknown>> }[],
    provided?: ReadonlyMap<unknown, unknown>,
  ): FakePluginRegistry {
    const analyzers = plugins.flatMap(({ plugin, config }) =>
      (plugin.analyzers ?? []).map((definition, i) => analyzerOf(plugin.id, definition, (i === 0 ? config : undefined) ?? {})),
    );
    return new FakePluginRegistry({ analyzers, ...(provided === undefined ? {} : { provided }) });
  }

  override async configureAnalyzer(analyzerId: string, written: JsonObject): Promise<RegisteredAnalyzer> {
    const { pluginId, definition, placement } = this.analyzer(analyzerId);
    return configureAnalyzer('test', pluginId, definition, { ...placement, config: written });
  }

  override async createAnalyzer(analyzerId: string, config?: JsonValue): Promise<Analyzer> {
    const { definition, config: own } = this.analyzer(analyzerId);
    const injected = (definition.inject ?? []).map((token) => {
      if (!this.provided.has(token)) throw new Error(`Nobody provides ${String(token)} for ${analyzerId}`);
      return this.provided.get(token);
    });
    return definition.create(config ?? own, ...injected);
  }

  override async createSource(sourceId: string): Promise<SourceAdapter> {
    return found(this.sources, sourceId).definition.create();
  }

  override async createStrategy(strategyId: string): Promise<ExecutionStrategy> {
    const { definition, config } = found(this.strategies, strategyId);
    return definition.create(config);
  }

  private analyzer(id: string): RegisteredAnalyzer {
    return found(this.analyzers, id);
  }
}

function found<T extends { readonly definition: { readonly id: string } }>(list: readonly T[], id: string): T {
  const one = list.find(({ definition }) => definition.id === id);
  if (one === undefined) throw new Error(`No plugin has ${id}`);
  return one;
}

const PLACEMENT: AnalyzerPlacement = { enabled: true, config: {}, streams: ['*'], execution: { prefer: ['local'], reach: 'cloud' } };

/** An analyzer as a plugin's config registers it, at once. */
export function analyzerOf(
  pluginId: string,
  definition: AnalyzerDefinition,
  written: Readonly<Record<string, unknown>> = {},
): RegisteredAnalyzer {
  const config = definition.config.parse(written) as JsonValue;
  return {
    pluginId,
    definition,
    placement: { ...PLACEMENT, config: { ...written } },
    config,
    configHash: configHash(definition.id, definition.version, config),
    input: typeof definition.input === 'function' ? definition.input(config) : definition.input,
  };
}

/** A source, with the config that its listener has by default. */
export const sourceOf = (definition: SourceAdapterDefinition): RegisteredSource => ({
  pluginId: 'test',
  definition,
  config: definition.kind === 'listener' ? definition.config.parse({}) : undefined,
});

/** A strategy that is there already, as an instance. */
export const strategyOf = (
  manifest: Pick<ExecutionStrategyDefinition, 'id'> & Partial<ExecutionStrategyDefinition>,
  instance: ExecutionStrategy | (() => Promise<ExecutionStrategy>),
): RegisteredStrategy => ({
  pluginId: 'test',
  definition: {
    version: '1.0.0',
    title: manifest.id,
    config: z.object({}),
    ...manifest,
    create: () => (typeof instance === 'function' ? instance() : instance),
  },
  config: {},
});
